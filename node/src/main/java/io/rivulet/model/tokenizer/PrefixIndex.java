package io.rivulet.model.tokenizer;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntPredicate;

/** Finds all tokens that a place in a text begins with: their texts sorted, searched by halves. */
final class PrefixIndex {

  /** What is done with a token that was found. */
  @FunctionalInterface
  interface Found {
    void accept(int id, int end);
  }

  private final Vocabulary vocabulary;
  private final int[] sorted;

  PrefixIndex(Vocabulary vocabulary, IntPredicate wanted) {
    List<Integer> ids = new ArrayList<>();
    for (int id = 0; id < vocabulary.size(); id++) {
      if (wanted.test(id) && !vocabulary.text(id).isEmpty()) {
        ids.add(id);
      }
    }
    ids.sort(Comparator.comparing(vocabulary::text));
    this.vocabulary = vocabulary;
    this.sorted = ids.stream().mapToInt(Integer::intValue).toArray();
  }

  /** Finds those that the text has at the place, the shortest first. */
  void find(String text, int start, Found found) {
    int low = 0;
    int high = sorted.length;
    for (int at = start; at < text.length(); at++) {
      int depth = at - start;
      low = boundary(low, high, depth, text.charAt(at));
      high = boundary(low, high, depth, text.charAt(at) + 1);
      if (low == high) {
        return;
      }
      if (vocabulary.text(sorted[low]).length() == depth + 1) {
        found.accept(sorted[low], at + 1);
      }
    }
  }

  /** The first in the range that is so long and has at least this character there. */
  private int boundary(int low, int high, int depth, int character) {
    int first = low;
    int last = high;
    while (first < last) {
      int middle = (first + last) >>> 1;
      String token = vocabulary.text(sorted[middle]);
      if (token.length() <= depth || token.charAt(depth) < character) {
        first = middle + 1;
      } else {
        last = middle;
      }
    }
    return first;
  }
}
