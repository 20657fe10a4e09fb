package io.rivulet.engine;

import java.util.List;

/**
 * The text of one generation on its way out, held back as long as it may be the beginning of a stop
 * string. The text ends before the stop string that is complete first, of several that are complete
 * at once the longest; so it is the same however tokens cut it. Each string is followed as in
 * Knuth, Morris, Pratt: Fast Pattern Matching in Strings (1977).
 */
final class StopStrings {

  private final String[] strings;

  /** For each string and each of its prefixes, the longest prefix of it that the prefix ends in. */
  private final int[][] borders;

  /** For each string, how much of it the text ends in. */
  private final int[] matched;

  private final StringBuilder held = new StringBuilder();
  private boolean complete;

  StopStrings(List<String> strings) {
    this.strings = strings.toArray(String[]::new);
    borders = new int[this.strings.length][];
    for (int i = 0; i < borders.length; i++) {
      borders[i] = borders(this.strings[i]);
    }
    matched = new int[this.strings.length];
  }

  /** Takes more text, and returns what can be shown now. */
  String accept(String text) {
    if (strings.length == 0) {
      return text;
    }
    int hold = longest(matched);
    for (int i = 0; i < text.length() && !complete; i++) {
      held.append(text.charAt(i));
      hold = advance(text.charAt(i));
    }
    String shown = held.substring(0, held.length() - hold);
    held.delete(0, complete ? held.length() : shown.length());
    return shown;
  }

  /** Whether the text has come to a stop string, which ends it. */
  boolean complete() {
    return complete;
  }

  /** What is held back still. */
  String held() {
    return held.toString();
  }

  /** How much of the text's end is not to be shown, for now or for ever. */
  private int advance(char next) {
    int longestComplete = 0;
    for (int i = 0; i < strings.length; i++) {
      matched[i] = advance(strings[i], borders[i], matched[i], next);
      if (matched[i] == strings[i].length()) {
        longestComplete = Math.max(longestComplete, matched[i]);
      }
    }
    complete = longestComplete > 0;
    return complete ? longestComplete : longest(matched);
  }

  private static int advance(String string, int[] borders, int matched, char next) {
    int length = matched;
    while (length > 0 && string.charAt(length) != next) {
      length = borders[length - 1];
    }
    return string.charAt(length) == next ? length + 1 : 0;
  }

  private static int[] borders(String string) {
    int[] borders = new int[string.length()];
    for (int i = 1; i < borders.length; i++) {
      borders[i] = advance(string, borders, borders[i - 1], string.charAt(i));
    }
    return borders;
  }

  private static int longest(int[] lengths) {
    int longest = 0;
    for (int length : lengths) {
      longest = Math.max(longest, length);
    }
    return longest;
  }
}
