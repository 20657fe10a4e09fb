package io.rivulet.kernels;

import static io.rivulet.kernels.FloatTensor.FLOAT;

import java.lang.foreign.MemorySegment;

/**
 * The columns that meet a condition, without vectors. An id is written in any case: a branch would
 * be mispredicted at every active neuron.
 */
final class ScalarCompaction {

  private ScalarCompaction() {}

  /** As {@link Kernels#nonZero}. */
  static int nonZero(FloatTensor x, int token, int from, int to, int[] ids, int idStart) {
    long at = x.offset(token, 0);
    int end = idStart;
    for (int c = from; c < to; c++) {
      ids[end] = c;
      end += x.data().get(FLOAT, at + 4L * c) == 0 ? 0 : 1;
    }
    return end - idStart;
  }

  /** As {@link Kernels#positive}. */
  static int positive(FloatTensor x, int token, int from, int to, int[] ids, int idStart) {
    long at = x.offset(token, 0);
    int end = idStart;
    for (int c = from; c < to; c++) {
      ids[end] = c;
      end += x.data().get(FLOAT, at + 4L * c) > 0 ? 1 : 0;
    }
    return end - idStart;
  }

  /** As {@link Kernels#above}. */
  static int above(
      FloatTensor x,
      int token,
      int from,
      int to,
      FloatTensor thresholds,
      int row,
      int[] ids,
      int idStart) {
    MemorySegment ts = thresholds.data();
    long at = x.offset(token, 0);
    long tAt = thresholds.offset(row, 0);
    int end = idStart;
    for (int c = from; c < to; c++) {
      ids[end] = c;
      float magnitude = Math.abs(x.data().get(FLOAT, at + 4L * c));
      end += magnitude > ts.get(FLOAT, tAt + 4L * c) ? 1 : 0;
    }
    return end - idStart;
  }
}
