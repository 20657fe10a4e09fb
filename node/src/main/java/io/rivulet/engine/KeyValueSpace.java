package io.rivulet.engine;

/**
 * Divides the blocks of the key-value cache among sequences. Each gets one run of consecutive
 * blocks, of the length it can grow to, so that no sequence is ever evicted. First fit; a freed run
 * joins its neighbours.
 */
final class KeyValueSpace {

  private static final long MOST_BYTES = 512L << 20;

  /** Positions that one sequence is to have even where they take more than that. */
  private static final int USUAL_SEQUENCE = 4096;

  private static final int SHARE_OF_MEMORY = 4;

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

  /**
   * How many positions a cache has where nobody says: those of a full batch, unless they take too
   * much memory; then as many as do not, but enough for one sequence of usual length if they take
   * no more than a share of the machine's memory.
   *
   * @param bytesPerToken that a position takes
   * @param memory bytes that the machine has
   */
  static int defaultCapacity(int sequences, int context, long bytesPerToken, long memory) {
    long wanted = (long) sequences * context;
    long one = Math.min(context, USUAL_SEQUENCE);
    long affordable =
        Math.max(
            MOST_BYTES / bytesPerToken, Math.min(one, memory / SHARE_OF_MEMORY / bytesPerToken));
    return Math.clamp(Math.min(wanted, affordable), 1, Integer.MAX_VALUE);
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
