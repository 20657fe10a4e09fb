package io.rivulet.kernels;

import static io.rivulet.kernels.Float16Values.VALUES;
import static io.rivulet.kernels.FloatTensor.FLOAT;
import static io.rivulet.kernels.SimpleQuants.HALF;
import static io.rivulet.kernels.SimpleQuants.SIZE;
import static io.rivulet.kernels.VectorWidth.BYTES;
import static io.rivulet.kernels.VectorWidth.FLOATS;
import static io.rivulet.kernels.VectorWidth.INTS;
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
 * <p>Rows in flight are far apart, so that each is a stream of its own to the processor's
 * prefetcher, which neighbours in one page are not. The codes' values are loaded for each of these
 * groups of rows, not once: then the compiler sees that nothing is written between that load and
 * the one of a scale, and has the instruction that broadcasts take the scale from memory.
 *
 * <p>Flat on purpose: a helper that returns a vector may be left uninlined and then allocates.
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

  /**
   * Q4_0 and IQ4_NL, whose blocks are a scale and 16 bytes: eight rows in flight that are far
   * apart; missing ones repeat the last.
   */
  static void multiplyScaled(
      Matrix w, FloatTensor x, int token, FloatTensor out, int rowFrom, int rowTo, float[] sums) {
    float[] codes = w.type() == WeightType.Q4_0 ? SIGNED : CODEBOOK;
    MemorySegment data = w.data();
    MemorySegment xs = x.data();
    long rowBytes = w.rowBytes();
    long xAt = x.offset(token, 0);
    int blocks = w.cols() / SIZE;
    int last = rowTo - 1;
    int step = Math.ceilDiv(rowTo - rowFrom, 8);
    for (int r = rowFrom; r < rowFrom + step; r++) {
      long w0 = r * rowBytes;
      long w1 = Math.min(r + step, last) * rowBytes;
      long w2 = Math.min(r + 2 * step, last) * rowBytes;
      long w3 = Math.min(r + 3 * step, last) * rowBytes;
      long w4 = Math.min(r + 4 * step, last) * rowBytes;
      long w5 = Math.min(r + 5 * step, last) * rowBytes;
      long w6 = Math.min(r + 6 * step, last) * rowBytes;
      long w7 = Math.min(r + 7 * step, last) * rowBytes;
      FloatVector code = FloatVector.fromArray(FLOATS, codes, 0);
      FloatVector s0 = FloatVector.zero(FLOATS);
      FloatVector s1 = FloatVector.zero(FLOATS);
      FloatVector s2 = FloatVector.zero(FLOATS);
      FloatVector s3 = FloatVector.zero(FLOATS);
      FloatVector s4 = FloatVector.zero(FLOATS);
      FloatVector s5 = FloatVector.zero(FLOATS);
      FloatVector s6 = FloatVector.zero(FLOATS);
      FloatVector s7 = FloatVector.zero(FLOATS);
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
        IntVector q2 =
            (IntVector)
                ByteVector.fromMemorySegment(BYTES, data, w2 + at + 2, LITTLE_ENDIAN)
                    .convertShape(ZERO_EXTEND_B2I, INTS, 0);
        IntVector t2 =
            code.mul(FloatVector.broadcast(FLOATS, VALUES[data.get(SHORT, w2 + at) & 0xffff]))
                .reinterpretAsInts();
        s2 = q2.selectFrom(t2).reinterpretAsFloats().fma(v, s2);
        s2 = q2.lanewise(LSHR, 4).selectFrom(t2).reinterpretAsFloats().fma(u, s2);
        IntVector q3 =
            (IntVector)
                ByteVector.fromMemorySegment(BYTES, data, w3 + at + 2, LITTLE_ENDIAN)
                    .convertShape(ZERO_EXTEND_B2I, INTS, 0);
        IntVector t3 =
            code.mul(FloatVector.broadcast(FLOATS, VALUES[data.get(SHORT, w3 + at) & 0xffff]))
                .reinterpretAsInts();
        s3 = q3.selectFrom(t3).reinterpretAsFloats().fma(v, s3);
        s3 = q3.lanewise(LSHR, 4).selectFrom(t3).reinterpretAsFloats().fma(u, s3);
        IntVector q4 =
            (IntVector)
                ByteVector.fromMemorySegment(BYTES, data, w4 + at + 2, LITTLE_ENDIAN)
                    .convertShape(ZERO_EXTEND_B2I, INTS, 0);
        IntVector t4 =
            code.mul(FloatVector.broadcast(FLOATS, VALUES[data.get(SHORT, w4 + at) & 0xffff]))
                .reinterpretAsInts();
        s4 = q4.selectFrom(t4).reinterpretAsFloats().fma(v, s4);
        s4 = q4.lanewise(LSHR, 4).selectFrom(t4).reinterpretAsFloats().fma(u, s4);
        IntVector q5 =
            (IntVector)
                ByteVector.fromMemorySegment(BYTES, data, w5 + at + 2, LITTLE_ENDIAN)
                    .convertShape(ZERO_EXTEND_B2I, INTS, 0);
        IntVector t5 =
            code.mul(FloatVector.broadcast(FLOATS, VALUES[data.get(SHORT, w5 + at) & 0xffff]))
                .reinterpretAsInts();
        s5 = q5.selectFrom(t5).reinterpretAsFloats().fma(v, s5);
        s5 = q5.lanewise(LSHR, 4).selectFrom(t5).reinterpretAsFloats().fma(u, s5);
        IntVector q6 =
            (IntVector)
                ByteVector.fromMemorySegment(BYTES, data, w6 + at + 2, LITTLE_ENDIAN)
                    .convertShape(ZERO_EXTEND_B2I, INTS, 0);
        IntVector t6 =
            code.mul(FloatVector.broadcast(FLOATS, VALUES[data.get(SHORT, w6 + at) & 0xffff]))
                .reinterpretAsInts();
        s6 = q6.selectFrom(t6).reinterpretAsFloats().fma(v, s6);
        s6 = q6.lanewise(LSHR, 4).selectFrom(t6).reinterpretAsFloats().fma(u, s6);
        IntVector q7 =
            (IntVector)
                ByteVector.fromMemorySegment(BYTES, data, w7 + at + 2, LITTLE_ENDIAN)
                    .convertShape(ZERO_EXTEND_B2I, INTS, 0);
        IntVector t7 =
            code.mul(FloatVector.broadcast(FLOATS, VALUES[data.get(SHORT, w7 + at) & 0xffff]))
                .reinterpretAsInts();
        s7 = q7.selectFrom(t7).reinterpretAsFloats().fma(v, s7);
        s7 = q7.lanewise(LSHR, 4).selectFrom(t7).reinterpretAsFloats().fma(u, s7);
      }
      s0.intoArray(sums, 0);
      s1.intoArray(sums, Lanes.COUNT);
      s2.intoArray(sums, 2 * Lanes.COUNT);
      s3.intoArray(sums, 3 * Lanes.COUNT);
      s4.intoArray(sums, 4 * Lanes.COUNT);
      s5.intoArray(sums, 5 * Lanes.COUNT);
      s6.intoArray(sums, 6 * Lanes.COUNT);
      s7.intoArray(sums, 7 * Lanes.COUNT);
      for (int i = 0; i < 8; i++) {
        float sum = Lanes.sum(sums, i * Lanes.COUNT);
        out.data().set(FLOAT, out.offset(token, Math.min(r + i * step, last)), sum);
      }
    }
  }

  /** Q4_1, whose blocks are a scale, a minimum and 16 bytes: two rows in flight. */
  static void multiplyAffine(
      Matrix w, FloatTensor x, int token, FloatTensor out, int rowFrom, int rowTo, float[] sums) {
    MemorySegment data = w.data();
    MemorySegment xs = x.data();
    MemorySegment ys = out.data();
    long rowBytes = w.rowBytes();
    long xAt = x.offset(token, 0);
    long yAt = out.offset(token, 0);
    int blocks = w.cols() / SIZE;
    int step = Math.ceilDiv(rowTo - rowFrom, 2);
    for (int r = rowFrom; r < rowFrom + step; r++) {
      int second = Math.min(r + step, rowTo - 1);
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
