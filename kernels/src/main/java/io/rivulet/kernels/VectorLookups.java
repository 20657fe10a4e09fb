package io.rivulet.kernels;

import static io.rivulet.kernels.Float16Values.VALUES;
import static io.rivulet.kernels.FloatTensor.FLOAT;
import static io.rivulet.kernels.SimpleQuants.HALF;
import static io.rivulet.kernels.SimpleQuants.SIZE;
import static io.rivulet.kernels.VectorWidth.BYTES;
import static io.rivulet.kernels.VectorWidth.FLOATS;
import static io.rivulet.kernels.VectorWidth.INTS;
import static io.rivulet.kernels.VectorWidth.LENGTH;
import static io.rivulet.kernels.WeightCodec.SHORT;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.ZERO_EXTEND_B2I;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * Matrix times one token for types of four bits, where vectors have 16 lanes: one vector holds the
 * 16 values that a weight of a block can have, and 16 weights choose from it at once.
 *
 * <p>Two rows in flight; a missing one repeats the last. With four there are too many addresses for
 * the registers. The codes' values are loaded for each pair of rows, not once: then the compiler
 * sees that nothing is written between this load and that of a scale, and has the instruction that
 * multiplies take the scale from memory.
 */
final class VectorLookups {

  private static final float[] SIGNED = new float[Lanes.COUNT];
  private static final float[] UNSIGNED = new float[Lanes.COUNT];
  private static final float[] CODEBOOK = new float[Lanes.COUNT];

  static {
    for (int code = 0; code < Lanes.COUNT; code++) {
      SIGNED[code] = code - 8;
      UNSIGNED[code] = code;
      CODEBOOK[code] = CodebookQuants.VALUES[code];
    }
  }

  private VectorLookups() {}

  /** Whether there is a kernel for the type, and vectors are wide enough for it. */
  static boolean serves(WeightType type) {
    return LENGTH == Lanes.COUNT
        && switch (type) {
          case Q4_0, Q4_1, IQ4_NL -> true;
          case F32, F16, BF16, Q8_0, Q5_0, Q5_1, Q2_K, Q3_K, Q4_K, Q5_K, Q6_K -> false;
          case IQ4_XS, TQ1_0, TQ2_0 -> false;
        };
  }

  /** {@code out[token][r] = w[r] . x[token]}, for a type that is served. */
  static void multiplyOne(
      Matrix w, FloatTensor x, int token, FloatTensor out, int rowFrom, int rowTo, float[] sums) {
    switch (w.type()) {
      case Q4_0 -> multiplyScaled(w, SIGNED, x, token, out, rowFrom, rowTo, sums);
      case Q4_1 -> multiplyAffine(w, x, token, out, rowFrom, rowTo, sums);
      case IQ4_NL -> multiplyScaled(w, CODEBOOK, x, token, out, rowFrom, rowTo, sums);
      case F32, F16, BF16, Q8_0, Q5_0, Q5_1, Q2_K, Q3_K, Q4_K, Q5_K, Q6_K, IQ4_XS, TQ1_0, TQ2_0 ->
          throw new IllegalArgumentException("no lookups for " + w.type());
    }
  }

  /** Blocks of a scale and 16 bytes. */
  private static void multiplyScaled(
      Matrix w,
      float[] codes,
      FloatTensor x,
      int token,
      FloatTensor out,
      int rowFrom,
      int rowTo,
      float[] sums) {
    MemorySegment data = w.data();
    MemorySegment xs = x.data();
    MemorySegment ys = out.data();
    long rowBytes = w.rowBytes();
    long xAt = x.offset(token, 0);
    long yAt = out.offset(token, 0);
    int blocks = w.cols() / SIZE;
    int last = rowTo - 1;
    for (int r = rowFrom; r < rowTo; r += 2) {
      int second = Math.min(r + 1, last);
      long w0 = r * rowBytes;
      long w1 = second * rowBytes;
      FloatVector code = FloatVector.fromArray(FLOATS, codes, 0);
      FloatVector s0 = FloatVector.zero(FLOATS);
      FloatVector s1 = FloatVector.zero(FLOATS);
      for (int b = 0; b < blocks; b++) {
        long at = 18L * b;
        long xLow = xAt + 4L * SIZE * b;
        FloatVector v = FloatVector.fromMemorySegment(FLOATS, xs, xLow, LITTLE_ENDIAN);
        FloatVector u = FloatVector.fromMemorySegment(FLOATS, xs, xLow + 4 * HALF, LITTLE_ENDIAN);
        IntVector q0 =
            (IntVector)
                ByteVector.fromMemorySegment(BYTES, data, w0 + at + 2, LITTLE_ENDIAN)
                    .convertShape(ZERO_EXTEND_B2I, INTS, 0);
        IntVector t0 =
            code.mul(FloatVector.broadcast(FLOATS, VALUES[data.get(SHORT, w0 + at) & 0xffff]))
                .reinterpretAsInts();
        s0 = q0.selectFrom(t0).reinterpretAsFloats().fma(v, s0);
        s0 = q0.lanewise(LSHR, 4).selectFrom(t0).reinterpretAsFloats().fma(u, s0);
        IntVector q1 =
            (IntVector)
                ByteVector.fromMemorySegment(BYTES, data, w1 + at + 2, LITTLE_ENDIAN)
                    .convertShape(ZERO_EXTEND_B2I, INTS, 0);
        IntVector t1 =
            code.mul(FloatVector.broadcast(FLOATS, VALUES[data.get(SHORT, w1 + at) & 0xffff]))
                .reinterpretAsInts();
        s1 = q1.selectFrom(t1).reinterpretAsFloats().fma(v, s1);
        s1 = q1.lanewise(LSHR, 4).selectFrom(t1).reinterpretAsFloats().fma(u, s1);
      }
      s0.intoArray(sums, 0);
      s1.intoArray(sums, Lanes.COUNT);
      ys.set(FLOAT, yAt + 4L * r, Lanes.sum(sums, 0));
      ys.set(FLOAT, yAt + 4L * second, Lanes.sum(sums, Lanes.COUNT));
    }
  }

  /** Blocks of a scale, a minimum and 16 bytes. */
  private static void multiplyAffine(
      Matrix w, FloatTensor x, int token, FloatTensor out, int rowFrom, int rowTo, float[] sums) {
    MemorySegment data = w.data();
    MemorySegment xs = x.data();
    MemorySegment ys = out.data();
    long rowBytes = w.rowBytes();
    long xAt = x.offset(token, 0);
    long yAt = out.offset(token, 0);
    int blocks = w.cols() / SIZE;
    int last = rowTo - 1;
    for (int r = rowFrom; r < rowTo; r += 2) {
      int second = Math.min(r + 1, last);
      long w0 = r * rowBytes;
      long w1 = second * rowBytes;
      FloatVector code = FloatVector.fromArray(FLOATS, UNSIGNED, 0);
      FloatVector s0 = FloatVector.zero(FLOATS);
      FloatVector s1 = FloatVector.zero(FLOATS);
      for (int b = 0; b < blocks; b++) {
        long at = 20L * b;
        long xLow = xAt + 4L * SIZE * b;
        FloatVector v = FloatVector.fromMemorySegment(FLOATS, xs, xLow, LITTLE_ENDIAN);
        FloatVector u = FloatVector.fromMemorySegment(FLOATS, xs, xLow + 4 * HALF, LITTLE_ENDIAN);
        IntVector q0 =
            (IntVector)
                ByteVector.fromMemorySegment(BYTES, data, w0 + at + 4, LITTLE_ENDIAN)
                    .convertShape(ZERO_EXTEND_B2I, INTS, 0);
        IntVector t0 =
            code.fma(
                    FloatVector.broadcast(FLOATS, VALUES[data.get(SHORT, w0 + at) & 0xffff]),
                    FloatVector.broadcast(FLOATS, VALUES[data.get(SHORT, w0 + at + 2) & 0xffff]))
                .reinterpretAsInts();
        s0 = q0.selectFrom(t0).reinterpretAsFloats().fma(v, s0);
        s0 = q0.lanewise(LSHR, 4).selectFrom(t0).reinterpretAsFloats().fma(u, s0);
        IntVector q1 =
            (IntVector)
                ByteVector.fromMemorySegment(BYTES, data, w1 + at + 4, LITTLE_ENDIAN)
                    .convertShape(ZERO_EXTEND_B2I, INTS, 0);
        IntVector t1 =
            code.fma(
                    FloatVector.broadcast(FLOATS, VALUES[data.get(SHORT, w1 + at) & 0xffff]),
                    FloatVector.broadcast(FLOATS, VALUES[data.get(SHORT, w1 + at + 2) & 0xffff]))
                .reinterpretAsInts();
        s1 = q1.selectFrom(t1).reinterpretAsFloats().fma(v, s1);
        s1 = q1.lanewise(LSHR, 4).selectFrom(t1).reinterpretAsFloats().fma(u, s1);
      }
      s0.intoArray(sums, 0);
      s1.intoArray(sums, Lanes.COUNT);
      ys.set(FLOAT, yAt + 4L * r, Lanes.sum(sums, 0));
      ys.set(FLOAT, yAt + 4L * second, Lanes.sum(sums, Lanes.COUNT));
    }
  }
}
