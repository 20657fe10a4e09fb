package io.rivulet.model.tokenizer;

import io.rivulet.model.gguf.GgufMetadata;
import io.rivulet.model.gguf.ModelFileException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/** The tokens of a file, checked: their texts, types and the ids of special ones. */
final class Vocabulary {

  static final String MODEL_KEY = "tokenizer.ggml.model";
  static final String TOKENS_KEY = "tokenizer.ggml.tokens";
  static final String TYPES_KEY = "tokenizer.ggml.token_type";

  private final List<String> texts;
  private final TokenType[] types;
  private final Map<String, Integer> ids;

  private Vocabulary(List<String> texts, TokenType[] types, Map<String, Integer> ids) {
    this.texts = texts;
    this.types = types;
    this.ids = ids;
  }

  static Vocabulary from(GgufMetadata metadata) {
    List<String> texts = metadata.texts(TOKENS_KEY);
    if (texts.isEmpty()) {
      throw metadata.invalid(TOKENS_KEY, "has no tokens");
    }
    var ids = new HashMap<String, Integer>();
    for (int id = 0; id < texts.size(); id++) {
      Integer other = texts.get(id).isEmpty() ? null : ids.putIfAbsent(texts.get(id), id);
      if (other != null) {
        throw metadata.invalid(
            TOKENS_KEY,
            "has %s twice, ids %d and %d"
                .formatted(ModelFileException.quote(texts.get(id)), other, id));
      }
    }
    return new Vocabulary(texts, types(metadata, texts.size()), ids);
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

  static void requireOneEach(GgufMetadata metadata, String key, int length, int size) {
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
}
