package io.rivulet.model.tokenizer;

import io.rivulet.model.gguf.GgufMetadata;
import io.rivulet.model.gguf.ModelFileException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;

/** The tokens of a file, checked: their texts, types and the ids of special ones. */
final class Vocabulary {

  static final String MODEL_KEY = "tokenizer.ggml.model";
  static final String TOKENS_KEY = "tokenizer.ggml.tokens";
  static final String TYPES_KEY = "tokenizer.ggml.token_type";
  static final String SCORES_KEY = "tokenizer.ggml.scores";
  static final String ADD_SPACE_KEY = "tokenizer.ggml.add_space_prefix";
  private static final String NAME_KEY = "general.name";

  /** Of the written-out tokens of Phi-3 all but these swallow the white space behind them. */
  private static final Set<String> NOT_SWALLOWING = Set.of("<unk>", "<s>", "<|endoftext|>");

  private final List<String> texts;
  private final TokenType[] types;
  private final Map<String, Integer> ids;
  private final boolean swallowSpace;

  private Vocabulary(
      List<String> texts, TokenType[] types, Map<String, Integer> ids, boolean swallowSpace) {
    this.texts = texts;
    this.types = types;
    this.ids = ids;
    this.swallowSpace = swallowSpace;
  }

  static Vocabulary from(GgufMetadata metadata) {
    List<String> texts = metadata.texts(TOKENS_KEY);
    if (texts.isEmpty()) {
      throw metadata.invalid(TOKENS_KEY, "has no tokens");
    }
    TokenType[] types = types(metadata, texts.size());
    var ids = HashMap.<String, Integer>newHashMap(texts.size());
    for (int id = 0; id < texts.size(); id++) {
      Integer other = texts.get(id).isEmpty() ? null : ids.putIfAbsent(texts.get(id), id);
      if (other == null) {
        continue;
      }
      if (types[other] == TokenType.UNUSED) {
        ids.put(texts.get(id), id);
      } else if (types[id] != TokenType.UNUSED) {
        throw metadata.invalid(
            TOKENS_KEY,
            "has %s twice, ids %d and %d"
                .formatted(ModelFileException.quote(texts.get(id)), other, id));
      }
    }
    String name = metadata.text(NAME_KEY, "").toLowerCase(Locale.ROOT);
    return new Vocabulary(texts, types, ids, name.contains("phi-3") || name.contains("phi3"));
  }

  private static TokenType[] types(GgufMetadata metadata, int size) {
    TokenType[] types = new TokenType[size];
    if (!metadata.contains(TYPES_KEY)) {
      Arrays.fill(types, TokenType.NORMAL);
      return types;
    }
    int[] numbers = metadata.integers(TYPES_KEY, 0, TokenType.COUNT - 1);
    requireOneEach(metadata, TYPES_KEY, numbers.length, size);
    Arrays.setAll(types, id -> TokenType.ofNumber(numbers[id]));
    return types;
  }

  private static void requireOneEach(GgufMetadata metadata, String key, int length, int size) {
    if (length != size) {
      throw metadata.invalid(
          key, "has %d values, expected %d, one for each token".formatted(length, size));
    }
  }

  int size() {
    return texts.size();
  }

  String text(int id) {
    return texts.get(id);
  }

  TokenType type(int id) {
    return types[id];
  }

  /** The id of the token with this text, whatever its type. */
  OptionalInt id(String text) {
    Integer id = ids.get(text);
    return id == null ? OptionalInt.empty() : OptionalInt.of(id);
  }

  /** The token that a key names; where the key is missing the usual one, if there are as many. */
  int special(GgufMetadata metadata, String key, int usual) {
    int missing = usual < size() ? usual : Tokenizer.NONE;
    return metadata.integer(key, 0, size() - 1, missing);
  }

  /** What the file's scores are, one for each token. */
  float[] scores(GgufMetadata metadata) {
    float[] scores = metadata.floats(SCORES_KEY);
    requireOneEach(metadata, SCORES_KEY, scores.length, size());
    for (int id = 0; id < scores.length; id++) {
      if (!Float.isFinite(scores[id])) {
        throw metadata.invalid(SCORES_KEY, "has " + scores[id] + " for token " + id);
      }
      scores[id] += 0f; // makes -0, which would sort below 0, a 0
    }
    return scores;
  }

  /** Takes a token for a control token, whatever the file calls it. */
  void makeControl(int id) {
    types[id] = TokenType.CONTROL;
  }

  /**
   * Whether white space behind the token is dropped where the token is written out. Files do not
   * say so; it goes by the model's name, as llama.cpp does it.
   */
  boolean swallowsSpace(int id) {
    return swallowSpace && !NOT_SWALLOWING.contains(text(id));
  }
}
