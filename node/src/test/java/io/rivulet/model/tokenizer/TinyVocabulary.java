package io.rivulet.model.tokenizer;

import io.rivulet.model.gguf.GgufFile;
import io.rivulet.model.gguf.GgufWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** A vocabulary of a few hundred tokens in which every rule of SentencePiece BPE shows. */
final class TinyVocabulary {

  static final int UNKNOWN = 0;
  static final int BOS = 1;
  static final int EOS = 2;
  static final int FIRST_BYTE = 3;
  static final int USER = FIRST_BYTE + 256;

  private static final int TYPE_NORMAL = 1;
  private static final int TYPE_UNKNOWN = 2;
  private static final int TYPE_CONTROL = 3;
  private static final int TYPE_USER_DEFINED = 4;
  private static final int TYPE_UNUSED = 5;
  private static final int TYPE_BYTE = 6;

  /** Best first; those after a stroke have the score of the piece before them. */
  private static final String MERGES =
      "\u2581t he in \u2581a |er on \u2581the \u2581\u2581 re \u2581s |at en nd \u2581and ing ou"
          + " \u2581w or \u2581\u2581\u2581\u2581 ll llo |\u2581he \u2581hello wor ld \u2581wor"
          + " \u2581world aa |ab |ba aab \u00e4\u00e4 \u65e5\u672c \ud83d\ude00\ud83d\ude00"
          + " \u2581\u201c n't 's <s <s/ zq --";

  private static final String CHARACTERS =
      "\u2581abcdefghijklmnopqrstuvwyz0123456789TWHI.,!?'<>/|:-\u00e4\u00e9\u65e5\u672c\u201c\u201d\u2014\n";

  private TinyVocabulary() {}

  /** The vocabulary, to be written as it is or after a change. */
  static GgufWriter writer() {
    var texts = new ArrayList<String>(List.of("<unk>", "<s>", "</s>"));
    var scores = new ArrayList<Float>(List.of(0f, 0f, 0f));
    var types = new ArrayList<Integer>(List.of(TYPE_UNKNOWN, TYPE_CONTROL, TYPE_CONTROL));
    for (int value = 0; value < 256; value++) {
      texts.add("<0x%02X>".formatted(value));
      scores.add(0f);
      types.add(TYPE_BYTE);
    }
    for (String text : List.of("<|user|>", "<|u", "::", "  \n")) {
      texts.add(text);
      scores.add(0f);
      types.add(TYPE_USER_DEFINED);
    }
    float score = -0f;
    for (String merge : MERGES.split(" ", -1)) {
      score = merge.startsWith("|") ? score : score - 1;
      texts.add(merge.startsWith("|") ? merge.substring(1) : merge);
      scores.add(score);
      types.add(merge.equals("zq") ? TYPE_UNUSED : TYPE_NORMAL);
    }
    CHARACTERS
        .codePoints()
        .forEach(
            character -> {
              texts.add(Character.toString(character));
              scores.add(-1000f);
              types.add(TYPE_NORMAL);
            });
    float[] scoreArray = new float[scores.size()];
    for (int i = 0; i < scoreArray.length; i++) {
      scoreArray[i] = scores.get(i);
    }
    return new GgufWriter()
        .text("general.architecture", "llama")
        .integer("llama.context_length", 64)
        .integer("llama.embedding_length", 32)
        .integer("llama.block_count", 1)
        .integer("llama.feed_forward_length", 32)
        .integer("llama.attention.head_count", 1)
        .real("llama.attention.layer_norm_rms_epsilon", 1e-5f)
        .text("tokenizer.ggml.model", "llama")
        .texts("tokenizer.ggml.tokens", texts)
        .floats("tokenizer.ggml.scores", scoreArray)
        .integers("tokenizer.ggml.token_type", types.stream().mapToInt(Integer::intValue).toArray())
        .integer("tokenizer.ggml.bos_token_id", BOS)
        .integer("tokenizer.ggml.eos_token_id", EOS)
        .integer("tokenizer.ggml.unknown_token_id", UNKNOWN);
  }

  /** The tokenizer of the vocabulary after a change to its metadata. */
  static Tokenizer tokenizer(Path folder, UnaryOperator<GgufWriter> change) throws IOException {
    Path path = folder.resolve("tiny.gguf");
    change.apply(writer()).write(path);
    try (GgufFile file = GgufFile.open(path)) {
      return Tokenizers.from(file);
    }
  }
}
