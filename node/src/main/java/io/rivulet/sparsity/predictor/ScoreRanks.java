package io.rivulet.sparsity.predictor;

import java.util.function.Consumer;

/**
 * The k-th largest of many floats in memory that does not grow with them: their order as whole
 * numbers is that of their bits, and two passes of counting find first the upper half of the bits
 * of the one sought and then the lower.
 */
final class ScoreRanks {

  /** Takes a float. */
  @FunctionalInterface
  interface FloatConsumer {
    void accept(float value);
  }

  private static final int HALF_BITS = 16;
  private static final int HALF_MASK = 0xffff;

  private ScoreRanks() {}

  /**
   * Finds it.
   *
   * @param k from 1 to how many floats there are
   * @param all hands all floats to its argument, the same each time
   */
  static float kthLargest(long k, Consumer<FloatConsumer> all) {
    long[] counts = new long[HALF_MASK + 1];
    all.accept(value -> counts[ascending(value) >>> HALF_BITS]++);
    long left = k;
    int upper = HALF_MASK;
    while (counts[upper] < left) {
      left -= counts[upper--];
    }
    int found = upper;
    long[] lowerCounts = new long[HALF_MASK + 1];
    all.accept(
        value -> {
          int bits = ascending(value);
          if (bits >>> HALF_BITS == found) {
            lowerCounts[bits & HALF_MASK]++;
          }
        });
    int lower = HALF_MASK;
    while (lowerCounts[lower] < left) {
      left -= lowerCounts[lower--];
    }
    return value((upper << HALF_BITS) | lower);
  }

  /** Whole numbers, as without a sign in the order of the floats. */
  private static int ascending(float value) {
    int bits = Float.floatToRawIntBits(value);
    return bits ^ ((bits >> (Integer.SIZE - 1)) | Integer.MIN_VALUE);
  }

  private static float value(int ascending) {
    int flipped = ascending < 0 ? Integer.MIN_VALUE : -1;
    return Float.intBitsToFloat(ascending ^ flipped);
  }
}
