package io.rivulet.kernels;

import static io.rivulet.kernels.VectorWidth.FLOATS;
import static io.rivulet.kernels.VectorWidth.LENGTH;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.VectorOperators.GT;
import static jdk.incubator.vector.VectorOperators.NE;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/** The columns that meet a condition, by vectors. */
final class VectorCompaction {

  private VectorCompaction() {}

  /** As {@link Kernels#nonZero}. */
  static int nonZero(FloatTensor x, int token, int from, int to, int[] ids, int idStart) {
    MemorySegment xs = x.data();
    long at = x.offset(token, 0);
    int end = from + (to - from) / LENGTH * LENGTH;
    int next = idStart;
    for (int c = from; c < end; c += LENGTH) {
      long met =
          FloatVector.fromMemorySegment(FLOATS, xs, at + 4L * c, LITTLE_ENDIAN)
              .compare(NE, 0f)
              .toLong();
      while (met != 0) {
        ids[next++] = c + Long.numberOfTrailingZeros(met);
        met &= met - 1;
      }
    }
    return next - idStart + ScalarCompaction.nonZero(x, token, end, to, ids, next);
  }

  /** As {@link Kernels#positive}. */
  static int positive(FloatTensor x, int token, int from, int to, int[] ids, int idStart) {
    MemorySegment xs = x.data();
    long at = x.offset(token, 0);
    int end = from + (to - from) / LENGTH * LENGTH;
    int next = idStart;
    for (int c = from; c < end; c += LENGTH) {
      long met =
          FloatVector.fromMemorySegment(FLOATS, xs, at + 4L * c, LITTLE_ENDIAN)
              .compare(GT, 0f)
              .toLong();
      while (met != 0) {
        ids[next++] = c + Long.numberOfTrailingZeros(met);
        met &= met - 1;
      }
    }
    return next - idStart + ScalarCompaction.positive(x, token, end, to, ids, next);
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
    MemorySegment xs = x.data();
    MemorySegment ts = thresholds.data();
    long at = x.offset(token, 0);
    long tAt = thresholds.offset(row, 0);
    int end = from + (to - from) / LENGTH * LENGTH;
    int next = idStart;
    for (int c = from; c < end; c += LENGTH) {
      long met =
          FloatVector.fromMemorySegment(FLOATS, xs, at + 4L * c, LITTLE_ENDIAN)
              .abs()
              .compare(GT, FloatVector.fromMemorySegment(FLOATS, ts, tAt + 4L * c, LITTLE_ENDIAN))
              .toLong();
      while (met != 0) {
        ids[next++] = c + Long.numberOfTrailingZeros(met);
        met &= met - 1;
      }
    }
    return next - idStart + ScalarCompaction.above(x, token, end, to, thresholds, row, ids, next);
  }
}
