package io.rivulet.model.tokenizer;

import io.rivulet.model.gguf.GgufFile;
import io.rivulet.model.gguf.GgufWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** A WordPiece vocabulary of some hundred tokens in which every rule of its kind shows. */
final class TinyWordPieceVocabulary {

  static final int UNKNOWN = 1;
  static final int BEGIN = 2;
  static final int END = 3;

  /** A low line stands for U+2581, which begins a word. */
  private static final String PIECES =
      "_the _low er _new _un mer ged _it _' _s s _k ing ll _i _t ry _1 _12 _123 2 3 4 34 5 67"
          + " _a _ab _aba _aa a b aa ab c bc d _A bC B _. _, _! _? _; _\" _= _{ _} _[ _] _/ _$ _+"
          + " _< _> _^ _~ _| _` _: _x _v u _et e _cafe _de j ja _\u00e9t \u00e9 _caf \u00e9s"
          + " _\u65e5 _\u672c \u672c \u8a9e _\u3042 \u30ab _\u1112 \u1100\u110b _\ud55c \uad6d"
          + " _\u0440 \u0443\u0441 _\u0639\u0631 \u0628 _\ud83d\udc68 \ud83d\udc69 _\u00bd \u00b2"
          + " _word _wor ld _end _e \u0301 _path _to _file _in _img img abz _\ufb01 ne _tab";

  private TinyWordPieceVocabulary() {}

  /** The vocabulary, to be written as it is or after a change. */
  static GgufWriter writer() {
    var tokens =
        new ArrayList<String>(
            List.of("[PAD]", "<unk>", "<|begin|>", "<|end|>", "<|tool|>", "<extra>"));
    int ordinary = tokens.size();
    tokens.addAll(List.of(PIECES.replace('_', '\u2581').split(" ", -1)));
    int[] types = new int[tokens.size()];
    for (int id = 0; id < types.length; id++) {
      types[id] = id >= ordinary ? 1 : id <= END ? 3 : 4;
    }
    return new GgufWriter()
        .text("general.architecture", "llama")
        .integer("llama.context_length", 64)
        .integer("llama.embedding_length", 32)
        .integer("llama.block_count", 1)
        .integer("llama.feed_forward_length", 32)
        .integer("llama.attention.head_count", 1)
        .real("llama.attention.layer_norm_rms_epsilon", 1e-5f)
        .text("tokenizer.ggml.model", "bert")
        .texts("tokenizer.ggml.tokens", tokens)
        .integers("tokenizer.ggml.token_type", types)
        .integer("tokenizer.ggml.bos_token_id", BEGIN)
        .integer("tokenizer.ggml.seperator_token_id", END)
        .integer("tokenizer.ggml.unknown_token_id", UNKNOWN);
  }

  /** Leaves the case of a text as it is, and with it the accents. */
  static GgufWriter cased(GgufWriter writer) {
    return writer.bool("tokenizer.ggml.normalizer.lowercase", false);
  }

  static Tokenizer tokenizer(Path folder, UnaryOperator<GgufWriter> change) throws IOException {
    Path path = folder.resolve("wordpiece.gguf");
    change.apply(writer()).write(path);
    try (GgufFile file = GgufFile.open(path)) {
      return Tokenizers.from(file);
    }
  }

  /** Writes the vocabulary into a folder, as it is and cased, for llama-tokenize to read. */
  public static void main(String[] arguments) throws IOException {
    writer().write(Path.of(arguments[0], "wordpiece.gguf"));
    cased(writer()).write(Path.of(arguments[0], "wordpiece-cased.gguf"));
  }
}
