package io.rivulet.model.tokenizer;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Cuts a text into the words that no token reaches across: expressions in turn, each of which cuts
 * the words that the one before has left, at both ends of whatever it matches. Time about linear in
 * the text's length, and no deeper stack for longer ones.
 */
final class PreTokenizer {

  /** One cut. */
  sealed interface Step {}

  /** Cuts at both ends of every match. */
  record Matches(Pattern pattern) implements Step {}

  /**
   * Cuts runs of digits into groups of three, counted from their end; what is between runs stays
   * whole. (llama.cpp leaves it joined to the first group, which shows where spaces precede it.)
   */
  record DigitGroups() implements Step {}

  private static final Pattern DIGITS = Pattern.compile("\\p{N}+");
  private static final int GROUP = 3;

  private final List<Step> steps;

  PreTokenizer(List<Step> steps) {
    this.steps = List.copyOf(steps);
  }

  /** Where the words of the text end, ascending; the last at the text's end. */
  int[] ends(String text) {
    int[] ends = {text.length()};
    for (Step step : steps) {
      var finer = new IdList();
      int start = 0;
      for (int end : ends) {
        switch (step) {
          case Matches(Pattern pattern) -> cut(text, start, end, pattern, finer);
          case DigitGroups() -> cutDigits(text, start, end, finer);
        }
        start = end;
      }
      ends = finer.toArray();
    }
    return ends;
  }

  private static void cut(String text, int start, int end, Pattern pattern, IdList ends) {
    Matcher matcher = pattern.matcher(text).region(start, end);
    int last = start;
    while (matcher.find()) {
      last = addUnlessEmpty(last, matcher.start(), ends);
      last = addUnlessEmpty(last, matcher.end(), ends);
    }
    addUnlessEmpty(last, end, ends);
  }

  private static void cutDigits(String text, int start, int end, IdList ends) {
    Matcher matcher = DIGITS.matcher(text).region(start, end);
    int last = start;
    while (matcher.find()) {
      last = addUnlessEmpty(last, matcher.start(), ends);
      int left = text.codePointCount(last, matcher.end());
      while (left > 0) {
        int group = left % GROUP == 0 ? GROUP : left % GROUP;
        last = addUnlessEmpty(last, text.offsetByCodePoints(last, group), ends);
        left -= group;
      }
    }
    addUnlessEmpty(last, end, ends);
  }

  private static int addUnlessEmpty(int start, int end, IdList ends) {
    if (end > start) {
      ends.add(end);
    }
    return end;
  }
}
