package io.rivulet.kernels;

import static io.rivulet.kernels.FloatTensor.FLOAT;
import static io.rivulet.kernels.VectorWidth.BYTES;
import static io.rivulet.kernels.VectorWidth.FLOATS;
import static io.rivulet.kernels.VectorWidth.INTS;
import static io.rivulet.kernels.VectorWidth.LENGTH;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.VectorOperators.B2F;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.ZERO_EXTEND_B2I;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * {@link CodedRows} by vectors. Sums of a group stay in registers while all its active rows go by,
 * a cache line of each; only then the scale is applied, once for all of them.
 *
 * <p>Flat on purpose: a helper that returns a vector may be left uninlined and then allocates. And
 * no method does two things: one that is too large for C1 is never handed on to C2.
 */
final class VectorCodes {

  private static final int NIBBLE_MASK = 15;
  private static final int NIBBLE_BITS = 4;

  /** Columns of which the lower or the upper halves of bytes hold one each. */
  private static final int HALF = CodeType.STEP / 2;

  /** The scales or offsets of a group in float32. */
  private static final ThreadLocal<FloatTensor> FACTORS =
      ThreadLocal.withInitial(() -> FloatTensor.allocate(Arena.ofAuto(), 1, 1));

  private VectorCodes() {}

  /** {@code y[c] += sum over i of activations[ids[i]] * w[ids[i]][c]}, a run of ids at a time. */
  static void accumulate(
      CodedRows w,
      FloatTensor activations,
      int token,
      int[] ids,
      int idCount,
      MemorySegment ys,
      long yAt,
      int from,
      int to) {
    int end = from + (to - from) / CodeType.STEP * CodeType.STEP;
    int next;
    for (int first = 0; first < idCount; first = next) {
      next = w.runEnd(ids, first, idCount);
      accumulateRun(w, activations, token, ids, first, next, ys, yAt, from, end);
      if (end < to) {
        ScalarKernels.accumulateRun(w, activations, token, ids, first, next, ys, yAt, end, to);
      }
    }
  }

  private static void accumulateRun(
      CodedRows w,
      FloatTensor activations,
      int token,
      int[] ids,
      int first,
      int end,
      MemorySegment ys,
      long yAt,
      int from,
      int to) {
    FloatTensor factors = factors(w.cols());
    int group = ids[first] / w.group();
    decode(w.scales(), group, factors, from, to);
    switch (w.codeType()) {
      case BYTE ->
          addBytes(w, activations, token, ids, first, end, factors.data(), ys, yAt, from, to);
      case NIBBLE, SIGNED_NIBBLE ->
          addNibbles(w, activations, token, ids, first, end, factors.data(), ys, yAt, from, to);
    }
    if (w.offsets().isPresent()) {
      decode(w.offsets().get(), group, factors, from, to);
      float sum = CodedRows.sum(activations, token, ids, first, end);
      addFactors(factors.data(), sum, ys, yAt, from, to);
    }
  }

  private static FloatTensor factors(int cols) {
    FloatTensor factors = FACTORS.get();
    if (factors.cols() < cols) {
      factors = FloatTensor.allocate(Arena.ofAuto(), 1, cols);
      FACTORS.set(factors);
    }
    return factors;
  }

  private static void decode(Matrix matrix, int row, FloatTensor out, int from, int to) {
    if (matrix.type() == WeightType.F16) {
      VectorF16.decodeRow(matrix, row, out.data(), from, to);
    } else {
      long at = row * matrix.rowBytes() + 4L * from;
      MemorySegment.copy(matrix.data(), at, out.data(), 4L * from, 4L * (to - from));
    }
  }

  /** {@code y[c] += scales[c] * sum over i of activations[ids[i]] * codes[ids[i]][c]}. */
  private static void addBytes(
      CodedRows w,
      FloatTensor activations,
      int token,
      int[] ids,
      int first,
      int end,
      MemorySegment scales,
      MemorySegment ys,
      long yAt,
      int from,
      int to) {
    int fours = from + (to - from) / (4 * LENGTH) * (4 * LENGTH);
    addFourBytes(w, activations, token, ids, first, end, scales, ys, yAt, from, fours);
    if (fours < to) {
      addOneByte(w, activations, token, ids, first, end, scales, ys, yAt, fours, to);
    }
  }

  /** Four vectors of columns in flight. */
  private static void addFourBytes(
      CodedRows w,
      FloatTensor activations,
      int token,
      int[] ids,
      int first,
      int end,
      MemorySegment scales,
      MemorySegment ys,
      long yAt,
      int from,
      int to) {
    MemorySegment data = w.codes();
    MemorySegment xs = activations.data();
    long xAt = activations.offset(token, 0);
    long rowBytes = w.rowBytes();
    for (int c = from; c < to; c += 4 * LENGTH) {
      FloatVector s0 = FloatVector.zero(FLOATS);
      FloatVector s1 = FloatVector.zero(FLOATS);
      FloatVector s2 = FloatVector.zero(FLOATS);
      FloatVector s3 = FloatVector.zero(FLOATS);
      for (int i = first; i < end; i++) {
        int id = ids[i];
        FloatVector a = FloatVector.broadcast(FLOATS, xs.get(FLOAT, xAt + 4L * id));
        long at = id * rowBytes + c;
        s0 =
            ((FloatVector)
                    ByteVector.fromMemorySegment(BYTES, data, at, LITTLE_ENDIAN)
                        .convertShape(B2F, FLOATS, 0))
                .fma(a, s0);
        s1 =
            ((FloatVector)
                    ByteVector.fromMemorySegment(BYTES, data, at + LENGTH, LITTLE_ENDIAN)
                        .convertShape(B2F, FLOATS, 0))
                .fma(a, s1);
        s2 =
            ((FloatVector)
                    ByteVector.fromMemorySegment(BYTES, data, at + 2 * LENGTH, LITTLE_ENDIAN)
                        .convertShape(B2F, FLOATS, 0))
                .fma(a, s2);
        s3 =
            ((FloatVector)
                    ByteVector.fromMemorySegment(BYTES, data, at + 3 * LENGTH, LITTLE_ENDIAN)
                        .convertShape(B2F, FLOATS, 0))
                .fma(a, s3);
      }
      long y = yAt + 4L * c;
      long f = 4L * c;
      s0.fma(
              FloatVector.fromMemorySegment(FLOATS, scales, f, LITTLE_ENDIAN),
              FloatVector.fromMemorySegment(FLOATS, ys, y, LITTLE_ENDIAN))
          .intoMemorySegment(ys, y, LITTLE_ENDIAN);
      s1.fma(
              FloatVector.fromMemorySegment(FLOATS, scales, f + 4 * LENGTH, LITTLE_ENDIAN),
              FloatVector.fromMemorySegment(FLOATS, ys, y + 4 * LENGTH, LITTLE_ENDIAN))
          .intoMemorySegment(ys, y + 4 * LENGTH, LITTLE_ENDIAN);
      s2.fma(
              FloatVector.fromMemorySegment(FLOATS, scales, f + 8 * LENGTH, LITTLE_ENDIAN),
              FloatVector.fromMemorySegment(FLOATS, ys, y + 8 * LENGTH, LITTLE_ENDIAN))
          .intoMemorySegment(ys, y + 8 * LENGTH, LITTLE_ENDIAN);
      s3.fma(
              FloatVector.fromMemorySegment(FLOATS, scales, f + 12 * LENGTH, LITTLE_ENDIAN),
              FloatVector.fromMemorySegment(FLOATS, ys, y + 12 * LENGTH, LITTLE_ENDIAN))
          .intoMemorySegment(ys, y + 12 * LENGTH, LITTLE_ENDIAN);
    }
  }

  private static void addOneByte(
      CodedRows w,
      FloatTensor activations,
      int token,
      int[] ids,
      int first,
      int end,
      MemorySegment scales,
      MemorySegment ys,
      long yAt,
      int from,
      int to) {
    MemorySegment data = w.codes();
    MemorySegment xs = activations.data();
    long xAt = activations.offset(token, 0);
    long rowBytes = w.rowBytes();
    for (int c = from; c < to; c += LENGTH) {
      FloatVector sum = FloatVector.zero(FLOATS);
      for (int i = first; i < end; i++) {
        int id = ids[i];
        FloatVector a = FloatVector.broadcast(FLOATS, xs.get(FLOAT, xAt + 4L * id));
        sum =
            ((FloatVector)
                    ByteVector.fromMemorySegment(BYTES, data, id * rowBytes + c, LITTLE_ENDIAN)
                        .convertShape(B2F, FLOATS, 0))
                .fma(a, sum);
      }
      long y = yAt + 4L * c;
      sum.fma(
              FloatVector.fromMemorySegment(FLOATS, scales, 4L * c, LITTLE_ENDIAN),
              FloatVector.fromMemorySegment(FLOATS, ys, y, LITTLE_ENDIAN))
          .intoMemorySegment(ys, y, LITTLE_ENDIAN);
    }
  }

  /** The same for half bytes, a group of columns at a time, some lanes of it after others. */
  private static void addNibbles(
      CodedRows w,
      FloatTensor activations,
      int token,
      int[] ids,
      int first,
      int end,
      MemorySegment scales,
      MemorySegment ys,
      long yAt,
      int from,
      int to) {
    MemorySegment data = w.codes();
    MemorySegment xs = activations.data();
    long xAt = activations.offset(token, 0);
    long rowBytes = w.rowBytes();
    int bias = w.codeType().bias();
    for (int lane = 0; lane < HALF; lane += LENGTH) {
      for (int c = from; c < to; c += CodeType.STEP) {
        FloatVector low = FloatVector.zero(FLOATS);
        FloatVector high = FloatVector.zero(FLOATS);
        long inRow = c / 2 + lane;
        for (int i = first; i < end; i++) {
          int id = ids[i];
          FloatVector a = FloatVector.broadcast(FLOATS, xs.get(FLOAT, xAt + 4L * id));
          IntVector codes =
              (IntVector)
                  ByteVector.fromMemorySegment(BYTES, data, id * rowBytes + inRow, LITTLE_ENDIAN)
                      .convertShape(ZERO_EXTEND_B2I, INTS, 0);
          low =
              ((FloatVector) codes.and(NIBBLE_MASK).sub(bias).convertShape(I2F, FLOATS, 0))
                  .fma(a, low);
          high =
              ((FloatVector)
                      codes.lanewise(LSHR, NIBBLE_BITS).sub(bias).convertShape(I2F, FLOATS, 0))
                  .fma(a, high);
        }
        long f = 4L * (c + lane);
        long y = yAt + f;
        low.fma(
                FloatVector.fromMemorySegment(FLOATS, scales, f, LITTLE_ENDIAN),
                FloatVector.fromMemorySegment(FLOATS, ys, y, LITTLE_ENDIAN))
            .intoMemorySegment(ys, y, LITTLE_ENDIAN);
        high.fma(
                FloatVector.fromMemorySegment(FLOATS, scales, f + 4 * HALF, LITTLE_ENDIAN),
                FloatVector.fromMemorySegment(FLOATS, ys, y + 4 * HALF, LITTLE_ENDIAN))
            .intoMemorySegment(ys, y + 4 * HALF, LITTLE_ENDIAN);
      }
    }
  }

  /** {@code y[c] += factors[c] * a}. */
  private static void addFactors(
      MemorySegment factors, float a, MemorySegment ys, long yAt, int from, int to) {
    FloatVector sum = FloatVector.broadcast(FLOATS, a);
    for (int c = from; c < to; c += LENGTH) {
      long y = yAt + 4L * c;
      FloatVector.fromMemorySegment(FLOATS, factors, 4L * c, LITTLE_ENDIAN)
          .fma(sum, FloatVector.fromMemorySegment(FLOATS, ys, y, LITTLE_ENDIAN))
          .intoMemorySegment(ys, y, LITTLE_ENDIAN);
    }
  }
}
