package io.rivulet.model.tokenizer;

import io.rivulet.model.gguf.GgufMetadata;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Cuts tokens that are written out in a text, as user-defined and control tokens are, out of it
 * before anything else looks at it: the longest ones first, wherever they are, and of those the
 * leftmost.
 */
final class TokenCutter {

  /** Every length that occurs costs a pass over each text; those of real models end at 32. */
  private static final int MAX_LENGTH = 256;

  /** A part of a text. */
  sealed interface Part {}

  /** Text that is still to be tokenized; not empty. */
  record Text(String text) implements Part {}

  /** A token that was written out. */
  record Token(int id) implements Part {}

  /** The tokens of one length. */
  private static final class Group {
    private final Map<String, Integer> ids = new HashMap<>();
    private final BitSet firstCharacters = new BitSet();
  }

  private final Map<Integer, Group> groups = new TreeMap<>(Comparator.reverseOrder());
  private final BitSet swallowing = new BitSet();

  TokenCutter(Vocabulary vocabulary, GgufMetadata metadata, Set<TokenType> types) {
    for (int id = 0; id < vocabulary.size(); id++) {
      String text = vocabulary.text(id);
      if (types.contains(vocabulary.type(id)) && !text.isEmpty()) {
        if (text.length() > MAX_LENGTH) {
          throw metadata.invalid(
              Vocabulary.TOKENS_KEY,
              "has a %s token, id %d, of %d characters, the limit is %d"
                  .formatted(vocabulary.type(id).label(), id, text.length(), MAX_LENGTH));
        }
        Group group = groups.computeIfAbsent(text.length(), length -> new Group());
        group.ids.put(text, id);
        group.firstCharacters.set(text.charAt(0));
        swallowing.set(id, vocabulary.swallowsSpace(id));
      }
    }
  }

  List<Part> split(String text) {
    List<Part> parts = text.isEmpty() ? List.of() : List.of(new Text(text));
    for (Map.Entry<Integer, Group> entry : groups.entrySet()) {
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

  private void split(String text, int length, Group group, List<Part> parts) {
    int start = 0;
    int at = 0;
    while (at + length <= text.length()) {
      Integer id =
          group.firstCharacters.get(text.charAt(at))
              ? group.ids.get(text.substring(at, at + length))
              : null;
      if (id == null) {
        at++;
        continue;
      }
      if (at > start) {
        parts.add(new Text(text.substring(start, at)));
      }
      parts.add(new Token(id));
      at += length;
      while (swallowing.get(id) && at < text.length() && isSpace(text.charAt(at))) {
        at++;
      }
      start = at;
    }
    if (start < text.length()) {
      parts.add(new Text(text.substring(start)));
    }
  }

  /** As C's isspace. */
  private static boolean isSpace(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
  }
}
