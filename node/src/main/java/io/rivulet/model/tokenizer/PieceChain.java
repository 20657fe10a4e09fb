package io.rivulet.model.tokenizer;

import java.util.Arrays;

/**
 * The pieces of a text in a row, which are merged two by two: always the neighbours whose merge
 * comes first in the vocabulary's order, the leftmost of equals, until none can be merged. Time n
 * log n in the number of pieces. To be filled again after {@link #clear}; for one thread.
 */
final class PieceChain {

  /** What the merges of a vocabulary are. */
  @FunctionalInterface
  interface Merges {

    /** Says that two pieces cannot be merged. */
    long NONE = Long.MAX_VALUE;

    /**
     * What two neighbours become.
     *
     * @param left token of the left piece
     * @param right token of the right piece
     * @param start where the left piece begins
     * @param end where the right piece ends
     * @return the order of the merge, lowest first, in the upper 32 bits and the token in the lower
     *     ones, as {@link PieceChain#merge(int, int)} packs them, or {@link #NONE}
     */
    long find(int left, int right, int start, int end);
  }

  private int count;
  private int[] token = new int[64];
  private int[] end = new int[64];
  private int[] previous = new int[64];
  private int[] next = new int[64];

  /** What a piece and the one after it would become. */
  private long[] merge = new long[64];

  private final LongHeap queue = new LongHeap();

  static long merge(int order, int token) {
    return (long) order << 32 | token;
  }

  void clear() {
    count = 0;
  }

  /** Adds a piece at the end. */
  void add(int id, int endsAt) {
    if (count == token.length) {
      token = Arrays.copyOf(token, count * 2);
      end = Arrays.copyOf(end, count * 2);
      previous = Arrays.copyOf(previous, count * 2);
      next = Arrays.copyOf(next, count * 2);
      merge = Arrays.copyOf(merge, count * 2);
    }
    token[count] = id;
    end[count] = endsAt;
    previous[count] = count - 1;
    next[count] = count + 1;
    count++;
  }

  /** Merges all that can be. */
  void mergeAll(Merges merges) {
    for (int i = 0; i < count; i++) {
      propose(i, merges);
    }
    while (!queue.isEmpty()) {
      long proposal = queue.poll();
      int left = (int) proposal;
      boolean stands = merge[left] != Merges.NONE && proposal >> 32 == merge[left] >> 32;
      if (stands) {
        join(left, merges);
      }
    }
  }

  /** The first piece, which is as good as the end if there is none. */
  int first() {
    return 0;
  }

  boolean isEnd(int piece) {
    return piece == count;
  }

  /** The piece after this one, or the end. */
  int after(int piece) {
    return next[piece];
  }

  int token(int piece) {
    return token[piece];
  }

  int start(int piece) {
    return previous[piece] < 0 ? 0 : end[previous[piece]];
  }

  int end(int piece) {
    return end[piece];
  }

  private void propose(int left, Merges merges) {
    int right = next[left];
    merge[left] =
        right == count
            ? Merges.NONE
            : merges.find(token[left], token[right], start(left), end[right]);
    if (merge[left] != Merges.NONE) {
      queue.add(merge((int) (merge[left] >> 32), left));
    }
  }

  private void join(int left, Merges merges) {
    int right = next[left];
    token[left] = (int) merge[left];
    end[left] = end[right];
    merge[right] = Merges.NONE;
    next[left] = next[right];
    if (next[left] < count) {
      previous[next[left]] = left;
    }
    propose(left, merges);
    if (previous[left] >= 0) {
      propose(previous[left], merges);
    }
  }
}
