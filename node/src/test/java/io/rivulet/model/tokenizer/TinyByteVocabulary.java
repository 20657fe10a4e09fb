package io.rivulet.model.tokenizer;

import io.rivulet.model.gguf.GgufFile;
import io.rivulet.model.gguf.GgufWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/** A byte-level vocabulary in which every rule of byte-level BPE shows, for any pre-tokenizer. */
final class TinyByteVocabulary {

  /** Pairs to merge, as text; a space within a token is written as a low line. */
  private static final String MERGES =
      "t h|th e|_ the|h e|_ t|_t he|i n|in g|e r|r e|' s|' t|' S|1 2|12 3|3 4|4 5|_ _|__ __|__ _|\n"
          + " \n"
          + "|. .|.. .|. \n"
          + "|a a|aa aa|a b|aa b|A B|AB C|\u00c3 \u00a9|\u00c3 \u0089|\u00e6 \u0097|\u00e6\u0097"
          + " \u00a5|_ \u00e6\u0097\u00a5|l o|lo w|n e|ne w|_ new|er .|! !";

  private static final List<String> WHOLE_WORDS = List.of("_unmerged", "123");

  private TinyByteVocabulary() {}

  /** The vocabulary, to be written as it is or after a change. */
  static GgufWriter writer(String preTokenizer) {
    var tokens = new ArrayList<String>();
    var merges = new ArrayList<String>();
    IntStream.range(0, 256)
        .forEach(value -> tokens.add(Character.toString(ByteCharacters.of((byte) value))));
    for (String merge : MERGES.split("\\|")) {
      String[] pair = merge.split(" ");
      merges.add(token(pair[0]) + " " + token(pair[1]));
      if (!tokens.contains(token(pair[0]) + token(pair[1]))) {
        tokens.add(token(pair[0]) + token(pair[1]));
      }
    }
    WHOLE_WORDS.forEach(word -> tokens.remove(token(word)));
    WHOLE_WORDS.forEach(word -> tokens.add(token(word)));
    int ordinary = tokens.size();
    tokens.addAll(List.of("<|begin|>", "<|end|>", "<|tool|>", "      ", "[PAD]"));
    int[] types = IntStream.range(0, tokens.size()).map(id -> 1).toArray();
    types[ordinary] = 3;
    types[ordinary + 1] = 1;
    types[ordinary + 2] = 4;
    types[ordinary + 3] = 4;
    types[ordinary + 4] = 5;
    return new GgufWriter()
        .text("general.architecture", "llama")
        .integer("llama.context_length", 64)
        .integer("llama.embedding_length", 32)
        .integer("llama.block_count", 1)
        .integer("llama.feed_forward_length", 32)
        .integer("llama.attention.head_count", 1)
        .real("llama.attention.layer_norm_rms_epsilon", 1e-5f)
        .text("tokenizer.ggml.model", "gpt2")
        .text("tokenizer.ggml.pre", preTokenizer)
        .texts("tokenizer.ggml.tokens", tokens)
        .integers("tokenizer.ggml.token_type", types)
        .texts("tokenizer.ggml.merges", merges)
        .integer("tokenizer.ggml.bos_token_id", ordinary)
        .integer("tokenizer.ggml.eos_token_id", ordinary + 1);
  }

  static Tokenizer tokenizer(Path folder, String preTokenizer, UnaryOperator<GgufWriter> change)
      throws IOException {
    Path path = folder.resolve("tiny.gguf");
    change.apply(writer(preTokenizer)).write(path);
    try (GgufFile file = GgufFile.open(path)) {
      return Tokenizers.from(file);
    }
  }

  /** Text of characters up to U+00FF, which stand for bytes, as the vocabulary writes it. */
  private static String token(String latin) {
    return ByteCharacters.of(latin.replace('_', ' ').getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Writes the vocabulary for each pre-tokenizer into a folder, for llama-tokenize to read. */
  public static void main(String[] arguments) throws IOException {
    for (String name : arguments[1].split(",")) {
      writer(name).write(Path.of(arguments[0], name + ".gguf"));
    }
  }
}
