package io.rivulet.model.tokenizer;

import io.rivulet.model.gguf.GgufFile;
import io.rivulet.model.gguf.GgufWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** A unigram vocabulary of some sixty tokens in which every rule of its kind shows. */
final class TinyUnigramVocabulary {

  static final int UNKNOWN = 2;

  private static final String PIECES =
      "\u2581 \u2581the \u2581he the he h e t n a b ab aba \u2581a in ing g i o r d l"
          + " \u2581wor ld \u2581world w s \u2581s \u65e5 \u65e5\u672c \u00e9 ! . , fi c f";

  private TinyUnigramVocabulary() {}

  /** The vocabulary, to be written as it is or after a change. */
  static GgufWriter writer() {
    var tokens = new ArrayList<String>(List.of("<pad>", "</s>", "<unk>"));
    tokens.addAll(List.of(PIECES.split(" ")));
    float[] scores = new float[tokens.size() + 1];
    int[] types = new int[tokens.size() + 1];
    for (int id = 0; id < tokens.size(); id++) {
      scores[id] = id < 3 ? 0 : -2 - 0.37f * id + 1.5f * (id % 5);
      types[id] = 1;
    }
    tokens.add("<extra>");
    types[0] = 3;
    types[1] = 3;
    types[UNKNOWN] = 2;
    types[tokens.size() - 1] = 4;
    return new GgufWriter()
        .text("general.architecture", "llama")
        .integer("llama.context_length", 64)
        .integer("llama.embedding_length", 32)
        .integer("llama.block_count", 1)
        .integer("llama.feed_forward_length", 32)
        .integer("llama.attention.head_count", 1)
        .real("llama.attention.layer_norm_rms_epsilon", 1e-5f)
        .text("tokenizer.ggml.model", "t5")
        .texts("tokenizer.ggml.tokens", tokens)
        .floats("tokenizer.ggml.scores", scores)
        .integers("tokenizer.ggml.token_type", types)
        .integer("tokenizer.ggml.eos_token_id", 1)
        .integer("tokenizer.ggml.unknown_token_id", UNKNOWN)
        .bytes("tokenizer.ggml.precompiled_charsmap", characterMap())
        .bool("tokenizer.ggml.add_space_prefix", true)
        .bool("tokenizer.ggml.remove_extra_whitespaces", true)
        .bool("tokenizer.ggml.add_eos_token", false);
  }

  static Tokenizer tokenizer(Path folder, UnaryOperator<GgufWriter> change) throws IOException {
    Path path = folder.resolve("unigram.gguf");
    change.apply(writer()).write(path);
    try (GgufFile file = GgufFile.open(path)) {
      return Tokenizers.from(file);
    }
  }

  /**
   * Makes U+FB01 (EF AC 81, the ligature fi) "fi", and a tab a space: nodes of a double array, laid
   * out by hand. A node has its label in the low byte, bit 8 where a sequence ends, its offset from
   * bit 10; the place of a child is that of its parent, xor the offset, xor the label.
   */
  private static byte[] characterMap() {
    int[] nodes = new int[1024];
    int root = 256;
    nodes[0] = root << 10;
    int tab = root ^ '\t';
    nodes[tab] = '\t' | 1 << 8 | offset(tab, 600);
    nodes[600] = 1 << 31 | 3;
    int ef = root ^ 0xef;
    nodes[ef] = 0xef | offset(ef, 512);
    int ac = 512 ^ 0xac;
    nodes[ac] = 0xac | offset(ac, 768);
    int last = 768 ^ 0x81;
    nodes[last] = 0x81 | 1 << 8 | offset(last, 601);
    nodes[601] = 1 << 31;
    var bytes = new ByteArrayOutputStream();
    writeInt(bytes, nodes.length * Integer.BYTES);
    for (int node : nodes) {
      writeInt(bytes, node);
    }
    bytes.writeBytes(new byte[] {'f', 'i', 0, ' ', 0});
    return bytes.toByteArray();
  }

  private static int offset(int from, int to) {
    return (from ^ to) << 10;
  }

  private static void writeInt(ByteArrayOutputStream bytes, int value) {
    for (int shift = 0; shift < Integer.SIZE; shift += 8) {
      bytes.write(value >>> shift);
    }
  }

  /** Writes the vocabulary as a file, for llama-tokenize to read. */
  public static void main(String[] arguments) throws IOException {
    writer().write(Path.of(arguments[0]));
  }
}
