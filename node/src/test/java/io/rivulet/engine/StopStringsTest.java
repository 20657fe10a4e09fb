package io.rivulet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StopStringsTest {

  @Test
  void withoutStopStringsAllTextPassesAtOnce() {
    var stop = new StopStrings(List.of());

    assertEquals("anything", stop.accept("anything"));
    assertEquals("", stop.held());
    assertFalse(stop.complete());
  }

  @Test
  void holdsBackWhatMayBeTheBeginning() {
    var stop = new StopStrings(List.of("END"));

    assertEquals("the ", stop.accept("the E"));
    assertEquals("", stop.accept("N"));
    assertEquals("EN", stop.held());
    assertEquals("ENd ", stop.accept("d "));
    assertEquals("", stop.held());
    assertFalse(stop.complete());
  }

  @ParameterizedTest
  @CsvSource({
    "aaab, aab, a",
    "aab, aab, ''",
    "xaabaab, aaba, x",
    "abababac, ababac, ab",
    "one two END three, END, 'one two '",
    "EENDE, END, E",
  })
  void endsBeforeTheStopStringHoweverTheTextComes(String text, String string, String shown) {
    for (int size = 1; size <= text.length(); size++) {
      var stop = new StopStrings(List.of(string));
      var out = new StringBuilder();
      for (int from = 0; from < text.length() && !stop.complete(); from += size) {
        out.append(stop.accept(text.substring(from, Math.min(text.length(), from + size))));
      }
      assertTrue(stop.complete());
      assertEquals("", stop.held());
      assertEquals(shown, out.toString(), "in pieces of " + size);
    }
  }

  @Test
  void ofSeveralTheFirstCompleteCounts() {
    var stop = new StopStrings(List.of("bcd", "c"));

    assertEquals("ab", stop.accept("abcd"));
    assertTrue(stop.complete());
  }

  @Test
  void ofSeveralCompleteAtOnceTheLongestCounts() {
    var stop = new StopStrings(List.of("c", "abc", "bc"));

    assertEquals("x", stop.accept("xabcabc"));
    assertTrue(stop.complete());
  }

  @Test
  void followsSeveralBeginningsAtOnce() {
    var stop = new StopStrings(List.of("abx", "bcd"));

    assertEquals("", stop.accept("ab"));
    assertEquals("a", stop.accept("c"));
    assertEquals("", stop.accept("d"));
    assertTrue(stop.complete());
  }

  @Test
  void neverCutsACharacterInTwo() {
    // The same first half of a surrogate pair: U+1F600 and U+1F601.
    var stop = new StopStrings(List.of("\ud83d\ude00!"));

    assertEquals("a\ud83d\ude01", stop.accept("a\ud83d\ude01"));
    assertEquals("", stop.accept("\ud83d\ude00"));
    assertEquals("\ud83d\ude00?", stop.accept("?"));
  }

  /** Against the definition: the first end of a match, and of those the longest match. */
  @Test
  void agreesWithALookAtTheWholeText() {
    var random = new Random(3);
    for (int round = 0; round < 5000; round++) {
      String text = letters(random, 30);
      List<String> strings = new ArrayList<>();
      for (int i = 0; i <= random.nextInt(3); i++) {
        strings.add(letters(random, 1 + random.nextInt(6)));
      }
      var stop = new StopStrings(strings);
      var shown = new StringBuilder();
      for (int at = 0; at < text.length() && !stop.complete(); ) {
        int end = Math.min(text.length(), at + 1 + random.nextInt(4));
        shown.append(stop.accept(text.substring(at, end)));
        at = end;
      }
      shown.append(stop.held());
      assertEquals(cut(text, strings), shown.toString(), text + " " + strings);
    }
  }

  private static String cut(String text, List<String> strings) {
    for (int end = 1; end <= text.length(); end++) {
      String before = text.substring(0, end);
      var longest = strings.stream().filter(before::endsWith).mapToInt(String::length).max();
      if (longest.isPresent()) {
        return text.substring(0, end - longest.getAsInt());
      }
    }
    return text;
  }

  private static String letters(Random random, int length) {
    var letters = new StringBuilder();
    for (int i = 0; i < length; i++) {
      letters.append(random.nextBoolean() ? 'a' : 'b');
    }
    return letters.toString();
  }
}
