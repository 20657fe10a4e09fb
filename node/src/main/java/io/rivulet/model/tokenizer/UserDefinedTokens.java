package io.rivulet.model.tokenizer;

import io.rivulet.model.gguf.GgufMetadata;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Cuts user-defined tokens out of a text before anything else looks at it: the longest ones first,
 * wherever they are, and of those the leftmost.
 */
final class UserDefinedTokens {

  /** Every length that occurs costs a pass over each text; those of real models end at 32. */
  private static final int MAX_LENGTH = 256;

  /** A part of a text. */
  sealed interface Part {}

  /** Text that is still to be tokenized; not empty. */
  record Text(String text) implements Part {}

  /** A user-defined token. */
  record Token(int id) implements Part {}

  private final Map<Integer, Map<String, Integer>> idsByLength =
      new TreeMap<>(Comparator.reverseOrder());

  UserDefinedTokens(Vocabulary vocabulary, GgufMetadata metadata) {
    for (int id = 0; id < vocabulary.size(); id++) {
      String text = vocabulary.text(id);
      if (vocabulary.type(id) == TokenType.USER_DEFINED && !text.isEmpty()) {
        if (text.length() > MAX_LENGTH) {
          throw metadata.invalid(
              Vocabulary.TOKENS_KEY,
              "has a user-defined token, id %d, of %d characters, the limit is %d"
                  .formatted(id, text.length(), MAX_LENGTH));
        }
        idsByLength.computeIfAbsent(text.length(), length -> new HashMap<>()).put(text, id);
      }
    }
  }

  List<Part> split(String text) {
    List<Part> parts = text.isEmpty() ? List.of() : List.of(new Text(text));
    for (Map.Entry<Integer, Map<String, Integer>> entry : idsByLength.entrySet()) {
      var finer = new ArrayList<Part>();
      for (Part part : parts) {
        switch (part) {
          case Token token -> finer.add(token);
          case Text(String rest) -> split(rest, entry.getKey(), entry.getValue(), finer);
        }
      }
      parts = finer;
    }
    return parts;
  }

  private static void split(String text, int length, Map<String, Integer> ids, List<Part> parts) {
    int start = 0;
    int at = 0;
    while (at + length <= text.length()) {
      Integer id = ids.get(text.substring(at, at + length));
      if (id == null) {
        at++;
        continue;
      }
      if (at > start) {
        parts.add(new Text(text.substring(start, at)));
      }
      parts.add(new Token(id));
      at += length;
      start = at;
    }
    if (start < text.length()) {
      parts.add(new Text(text.substring(start)));
    }
  }
}
