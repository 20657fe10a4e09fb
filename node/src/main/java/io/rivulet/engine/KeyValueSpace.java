package io.rivulet.engine;

/**
 * Divides the rows of the key-value cache among sequences. Each gets one run of consecutive rows,
 * so that attention reads it without indirection, of the length it can grow to, so that no sequence
 * is ever evicted. First fit; a freed run joins its neighbours.
 */
final class KeyValueSpace {

  private final int capacity;

  /** Runs in use, by start. */
  private final int[] starts;

  private final int[] lengths;
  private int runs;
  private int used;

  /**
   * An empty space.
   *
   * @param sequences runs in use at a time
   */
  KeyValueSpace(int capacity, int sequences) {
    this.capacity = capacity;
    starts = new int[sequences];
    lengths = new int[sequences];
  }

  int used() {
    return used;
  }

  /** The start of a new run, or -1 where no gap is long enough or too many runs are in use. */
  int reserve(int length) {
    if (runs == starts.length) {
      return -1;
    }
    int gap = 0;
    for (int i = 0; i <= runs; i++) {
      int gapEnd = i == runs ? capacity : starts[i];
      if (gapEnd - gap >= length) {
        insert(i, gap, length);
        return gap;
      }
      if (i < runs) {
        gap = starts[i] + lengths[i];
      }
    }
    return -1;
  }

  /** Gives back the run that starts there. */
  void release(int start) {
    for (int i = 0; i < runs; i++) {
      if (starts[i] == start) {
        used -= lengths[i];
        runs--;
        System.arraycopy(starts, i + 1, starts, i, runs - i);
        System.arraycopy(lengths, i + 1, lengths, i, runs - i);
        return;
      }
    }
    throw new IllegalArgumentException("no run starts at " + start);
  }

  private void insert(int at, int start, int length) {
    System.arraycopy(starts, at, starts, at + 1, runs - at);
    System.arraycopy(lengths, at, lengths, at + 1, runs - at);
    starts[at] = start;
    lengths[at] = length;
    runs++;
    used += length;
  }
}
