package io.rivulet.model.tokenizer;

import io.rivulet.model.gguf.GgufWriter;
import io.rivulet.model.gguf.ModelFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Tokens as they are found, to be written as a GGUF file has them: a text, score and type an id.
 */
final class TokenList {

  private static final int MAX_SIZE = 1 << 22;

  /** Checks of merges take time square in it; real tokens end at 256. */
  private static final int MAX_LENGTH = 1024;

  /** What conversions give tokens that take no part in merging. */
  private static final float NO_SCORE = -1000;

  private static final List<String> SPECIAL_TEXTS =
      List.of("<pad>", "<mask>", "<2mass>", "[@BOS@]");

  private final Path file;
  private final String[] texts;
  private final float[] scores;
  private final int[] types;
  private final Map<String, Integer> ids;

  /**
   * Makes a list of unused tokens.
   *
   * @param file for messages
   * @param size rows of the model's embedding
   */
  TokenList(Path file, int size) {
    if (size < 1 || size > MAX_SIZE) {
      throw new IllegalArgumentException("size must be 1 to %d, was %d".formatted(MAX_SIZE, size));
    }
    this.file = file;
    this.texts = new String[size];
    this.scores = new float[size];
    this.types = new int[size];
    this.ids = HashMap.newHashMap(size);
    Arrays.setAll(texts, id -> "[PAD" + id + "]");
    Arrays.fill(scores, NO_SCORE);
    Arrays.fill(types, TokenType.UNUSED.number());
  }

  int size() {
    return texts.length;
  }

  String text(int id) {
    return texts[id];
  }

  TokenType type(int id) {
    return TokenType.ofNumber(types[id]);
  }

  OptionalInt id(String text) {
    Integer id = ids.get(text);
    return id == null ? OptionalInt.empty() : OptionalInt.of(id);
  }

  /** Sets a token, over one that is there. */
  void put(int id, String text, float score, TokenType type) {
    if (id < 0 || id >= texts.length) {
      throw new ModelFileException(
          file,
          "has token %s with id %d, but the embedding has %d rows"
              .formatted(ModelFileException.quote(text), id, texts.length),
          "use the tokenizer files that belong to the weights");
    }
    if (text.length() > MAX_LENGTH) {
      throw new ModelFileException(
          file,
          "has token %d of %d characters, the limit is %d".formatted(id, text.length(), MAX_LENGTH),
          "download the model's tokenizer files again");
    }
    ids.remove(texts[id], id);
    ids.put(text, id);
    texts[id] = text;
    scores[id] = score;
    types[id] = type.number();
  }

  /** Sets a token that was added to a finished vocabulary. */
  void putAdded(int id, String text, boolean special) {
    boolean unknown = id >= 0 && id < size() && type(id) == TokenType.UNKNOWN;
    if (unknown) {
      return;
    }
    if (special || looksSpecial(text)) {
      put(id, text, NO_SCORE, TokenType.CONTROL);
    } else {
      put(id, text.replace('\u2581', ' '), NO_SCORE, TokenType.USER_DEFINED);
    }
  }

  void score(int id, float score) {
    scores[id] = score;
  }

  float score(int id) {
    return scores[id];
  }

  void write(GgufWriter into, boolean withScores) {
    into.texts(Vocabulary.TOKENS_KEY, List.of(texts));
    if (withScores) {
      into.floats(Vocabulary.SCORES_KEY, scores);
    }
    into.integers(Vocabulary.TYPES_KEY, types);
  }

  /** Some models do not mark all tokens as special that are. */
  private static boolean looksSpecial(String text) {
    return SPECIAL_TEXTS.contains(text)
        || (text.startsWith("<|") && text.endsWith("|>"))
        || (text.startsWith("<\uff5c") && text.endsWith("\uff5c>"))
        || (text.startsWith("<unused") && text.endsWith(">"));
  }
}
