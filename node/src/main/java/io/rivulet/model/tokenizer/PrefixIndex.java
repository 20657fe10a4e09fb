package io.rivulet.model.tokenizer;

import io.rivulet.model.gguf.GgufMetadata;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Finds all tokens that a place in a text begins with, of those that pieces of text become: their
 * texts sorted, searched by halves.
 */
final class PrefixIndex {

  /** What is done with a token that was found. */
  @FunctionalInterface
  interface Found {
    void accept(int id, int end);
  }

  /** Every character of a text is looked at once for each of as many; real ones end at 64. */
  private static final int MAX_LENGTH = 1024;

  private final Vocabulary vocabulary;
  private final int[] sorted;

  PrefixIndex(Vocabulary vocabulary, GgufMetadata metadata) {
    List<Integer> ids = new ArrayList<>();
    for (int id = 0; id < vocabulary.size(); id++) {
      int length = vocabulary.text(id).length();
      if (length > MAX_LENGTH) {
        throw metadata.invalid(
            Vocabulary.TOKENS_KEY,
            "has a token, id %d, of %d characters, the limit is %d"
                .formatted(id, length, MAX_LENGTH));
      }
      if (length > 0 && vocabulary.type(id).merges()) {
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
