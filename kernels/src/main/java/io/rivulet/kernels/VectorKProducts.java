package io.rivulet.kernels;

import static io.rivulet.kernels.Float16Values.VALUES;
import static io.rivulet.kernels.FloatTensor.FLOAT;
import static io.rivulet.kernels.KQuants.SIZE;
import static io.rivulet.kernels.VectorWidth.BYTES;
import static io.rivulet.kernels.VectorWidth.FLOATS;
import static io.rivulet.kernels.VectorWidth.INTS;
import static io.rivulet.kernels.WeightCodec.SHORT;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.VectorOperators.B2F;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.ZERO_EXTEND_B2I;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;

/**
 * Matrix times one token for K-quants, where vectors have 16 lanes: weights are decoded in
 * registers and never stored. Groups' scales are computed a block at a time and go through memory,
 * from where one instruction spreads each over a vector.
 *
 * <p>Two rows in flight, far apart as in {@link VectorLookups}; a missing one repeats the last.
 * Flat on purpose: a helper that returns a vector may be left uninlined and then allocates.
 */
final class VectorKProducts {

  private static final float[] UNSIGNED = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

  /** Where a row's scales are in the scratch memory, after the sums of both rows. */
  private static final int SCALES = 2 * Lanes.COUNT;

  /** Scratch floats for the scales and minima of a row. */
  private static final int ROW = 2 * Lanes.COUNT;

  private VectorKProducts() {}

  /**
   * Q4_K: 16 weights at once choose from a vector of the 16 values that a weight of their group can
   * have.
   */
  static void multiplyQ4(
      Matrix w, FloatTensor x, int token, FloatTensor out, int rowFrom, int rowTo, float[] sums) {
    int step = Math.ceilDiv(rowTo - rowFrom, 2);
    for (int r = rowFrom; r < rowFrom + step; r++) {
      int second = Math.min(r + step, rowTo - 1);
      FloatVector.zero(FLOATS).intoArray(sums, 0);
      FloatVector.zero(FLOATS).intoArray(sums, Lanes.COUNT);
      for (int b = 0; b < w.cols() / SIZE; b++) {
        long at = (long) b * WeightType.Q4_K.bytesPerBlock();
        long first = r * w.rowBytes() + at;
        long other = second * w.rowBytes() + at;
        scalesAndMinima(w.data(), first, sums, SCALES);
        scalesAndMinima(w.data(), other, sums, SCALES + ROW);
        addQ4(w.data(), first + 16, other + 16, x.data(), x.offset(token, SIZE * b), sums);
      }
      out.data().set(FLOAT, out.offset(token, r), Lanes.sum(sums, 0));
      out.data().set(FLOAT, out.offset(token, second), Lanes.sum(sums, Lanes.COUNT));
    }
  }

  /** Eight scales to the first floats, eight negative minima to the last, of twice 16. */
  private static void scalesAndMinima(MemorySegment data, long block, float[] out, int outAt) {
    FloatVector both =
        (FloatVector)
            LongVector.broadcast(LongVector.SPECIES_128, KQuants.scales(data, block + 4))
                .withLane(1, KQuants.minima(data, block + 4))
                .reinterpretAsBytes()
                .convertShape(B2F, FLOATS, 0);
    both.mul(VALUES[data.get(SHORT, block) & 0xffff]).intoArray(out, outAt);
    both.mul(-VALUES[data.get(SHORT, block + 2) & 0xffff]).intoArray(out, outAt + Lanes.COUNT);
  }

  private static void addQ4(
      MemorySegment data, long w0, long w1, MemorySegment xs, long xAt, float[] sums) {
    FloatVector code = FloatVector.fromArray(FLOATS, UNSIGNED, 0);
    FloatVector s0 = FloatVector.fromArray(FLOATS, sums, 0);
    FloatVector s1 = FloatVector.fromArray(FLOATS, sums, Lanes.COUNT);
    for (int pair = 0; pair < 4; pair++) {
      long at = 32L * pair;
      long xp = xAt + 256L * pair;
      int d0 = SCALES + 2 * pair;
      int m0 = d0 + Lanes.COUNT + 8;
      FloatVector v0 = FloatVector.fromMemorySegment(FLOATS, xs, xp, LITTLE_ENDIAN);
      FloatVector v1 = FloatVector.fromMemorySegment(FLOATS, xs, xp + 64, LITTLE_ENDIAN);
      FloatVector v2 = FloatVector.fromMemorySegment(FLOATS, xs, xp + 128, LITTLE_ENDIAN);
      FloatVector v3 = FloatVector.fromMemorySegment(FLOATS, xs, xp + 192, LITTLE_ENDIAN);
      IntVector p0 =
          (IntVector)
              ByteVector.fromMemorySegment(BYTES, data, w0 + at, LITTLE_ENDIAN)
                  .convertShape(ZERO_EXTEND_B2I, INTS, 0);
      IntVector q0 =
          (IntVector)
              ByteVector.fromMemorySegment(BYTES, data, w0 + at + 16, LITTLE_ENDIAN)
                  .convertShape(ZERO_EXTEND_B2I, INTS, 0);
      IntVector t0 =
          code.fma(FloatVector.broadcast(FLOATS, sums[d0]), FloatVector.broadcast(FLOATS, sums[m0]))
              .reinterpretAsInts();
      IntVector u0 =
          code.fma(
                  FloatVector.broadcast(FLOATS, sums[d0 + 1]),
                  FloatVector.broadcast(FLOATS, sums[m0 + 1]))
              .reinterpretAsInts();
      s0 = p0.selectFrom(t0).reinterpretAsFloats().fma(v0, s0);
      s0 = q0.selectFrom(t0).reinterpretAsFloats().fma(v1, s0);
      s0 = p0.lanewise(LSHR, 4).selectFrom(u0).reinterpretAsFloats().fma(v2, s0);
      s0 = q0.lanewise(LSHR, 4).selectFrom(u0).reinterpretAsFloats().fma(v3, s0);
      int d1 = SCALES + ROW + 2 * pair;
      int m1 = d1 + Lanes.COUNT + 8;
      IntVector p1 =
          (IntVector)
              ByteVector.fromMemorySegment(BYTES, data, w1 + at, LITTLE_ENDIAN)
                  .convertShape(ZERO_EXTEND_B2I, INTS, 0);
      IntVector q1 =
          (IntVector)
              ByteVector.fromMemorySegment(BYTES, data, w1 + at + 16, LITTLE_ENDIAN)
                  .convertShape(ZERO_EXTEND_B2I, INTS, 0);
      IntVector t1 =
          code.fma(FloatVector.broadcast(FLOATS, sums[d1]), FloatVector.broadcast(FLOATS, sums[m1]))
              .reinterpretAsInts();
      IntVector u1 =
          code.fma(
                  FloatVector.broadcast(FLOATS, sums[d1 + 1]),
                  FloatVector.broadcast(FLOATS, sums[m1 + 1]))
              .reinterpretAsInts();
      s1 = p1.selectFrom(t1).reinterpretAsFloats().fma(v0, s1);
      s1 = q1.selectFrom(t1).reinterpretAsFloats().fma(v1, s1);
      s1 = p1.lanewise(LSHR, 4).selectFrom(u1).reinterpretAsFloats().fma(v2, s1);
      s1 = q1.lanewise(LSHR, 4).selectFrom(u1).reinterpretAsFloats().fma(v3, s1);
    }
    s0.intoArray(sums, 0);
    s1.intoArray(sums, Lanes.COUNT);
  }

  /** Q6_K. */
  static void multiplyQ6(
      Matrix w, FloatTensor x, int token, FloatTensor out, int rowFrom, int rowTo, float[] sums) {
    int step = Math.ceilDiv(rowTo - rowFrom, 2);
    for (int r = rowFrom; r < rowFrom + step; r++) {
      int second = Math.min(r + step, rowTo - 1);
      FloatVector.zero(FLOATS).intoArray(sums, 0);
      FloatVector.zero(FLOATS).intoArray(sums, Lanes.COUNT);
      for (int b = 0; b < w.cols() / SIZE; b++) {
        long at = (long) b * WeightType.Q6_K.bytesPerBlock();
        long first = r * w.rowBytes() + at;
        long other = second * w.rowBytes() + at;
        scales(w.data(), first, sums, SCALES);
        scales(w.data(), other, sums, SCALES + ROW);
        addQ6(w.data(), first, x.data(), x.offset(token, SIZE * b), sums, 0, SCALES);
        addQ6(
            w.data(), other, x.data(), x.offset(token, SIZE * b), sums, Lanes.COUNT, SCALES + ROW);
      }
      out.data().set(FLOAT, out.offset(token, r), Lanes.sum(sums, 0));
      out.data().set(FLOAT, out.offset(token, second), Lanes.sum(sums, Lanes.COUNT));
    }
  }

  private static void scales(MemorySegment data, long block, float[] out, int outAt) {
    ((FloatVector)
            ByteVector.fromMemorySegment(BYTES, data, block + 192, LITTLE_ENDIAN)
                .convertShape(B2F, FLOATS, 0))
        .mul(VALUES[data.get(SHORT, block + 208) & 0xffff])
        .intoArray(out, outAt);
  }

  /** One row's block, in the order of columns: groups of 16 weights take turns in two places. */
  private static void addQ6(
      MemorySegment data,
      long block,
      MemorySegment xs,
      long xAt,
      float[] sums,
      int sum,
      int scale) {
    FloatVector s = FloatVector.fromArray(FLOATS, sums, sum);
    for (int half = 0; half < 2; half++) {
      long low = block + 64L * half;
      long high = block + 128 + 32L * half;
      long xp = xAt + 512L * half;
      int d = scale + 8 * half;
      IntVector a =
          (IntVector)
              ByteVector.fromMemorySegment(BYTES, data, low, LITTLE_ENDIAN)
                  .convertShape(ZERO_EXTEND_B2I, INTS, 0);
      IntVector b =
          (IntVector)
              ByteVector.fromMemorySegment(BYTES, data, low + 16, LITTLE_ENDIAN)
                  .convertShape(ZERO_EXTEND_B2I, INTS, 0);
      IntVector c =
          (IntVector)
              ByteVector.fromMemorySegment(BYTES, data, low + 32, LITTLE_ENDIAN)
                  .convertShape(ZERO_EXTEND_B2I, INTS, 0);
      IntVector e =
          (IntVector)
              ByteVector.fromMemorySegment(BYTES, data, low + 48, LITTLE_ENDIAN)
                  .convertShape(ZERO_EXTEND_B2I, INTS, 0);
      IntVector g =
          (IntVector)
              ByteVector.fromMemorySegment(BYTES, data, high, LITTLE_ENDIAN)
                  .convertShape(ZERO_EXTEND_B2I, INTS, 0);
      IntVector h =
          (IntVector)
              ByteVector.fromMemorySegment(BYTES, data, high + 16, LITTLE_ENDIAN)
                  .convertShape(ZERO_EXTEND_B2I, INTS, 0);
      s =
          ((FloatVector)
                  a.and(15).or(g.lanewise(LSHL, 4).and(48)).sub(32).convertShape(I2F, FLOATS, 0))
              .mul(FloatVector.broadcast(FLOATS, sums[d]))
              .fma(FloatVector.fromMemorySegment(FLOATS, xs, xp, LITTLE_ENDIAN), s);
      s =
          ((FloatVector)
                  b.and(15).or(h.lanewise(LSHL, 4).and(48)).sub(32).convertShape(I2F, FLOATS, 0))
              .mul(FloatVector.broadcast(FLOATS, sums[d + 1]))
              .fma(FloatVector.fromMemorySegment(FLOATS, xs, xp + 64, LITTLE_ENDIAN), s);
      s =
          ((FloatVector)
                  c.and(15).or(g.lanewise(LSHL, 2).and(48)).sub(32).convertShape(I2F, FLOATS, 0))
              .mul(FloatVector.broadcast(FLOATS, sums[d + 2]))
              .fma(FloatVector.fromMemorySegment(FLOATS, xs, xp + 128, LITTLE_ENDIAN), s);
      s =
          ((FloatVector)
                  e.and(15).or(h.lanewise(LSHL, 2).and(48)).sub(32).convertShape(I2F, FLOATS, 0))
              .mul(FloatVector.broadcast(FLOATS, sums[d + 3]))
              .fma(FloatVector.fromMemorySegment(FLOATS, xs, xp + 192, LITTLE_ENDIAN), s);
      s =
          ((FloatVector) a.lanewise(LSHR, 4).or(g.and(48)).sub(32).convertShape(I2F, FLOATS, 0))
              .mul(FloatVector.broadcast(FLOATS, sums[d + 4]))
              .fma(FloatVector.fromMemorySegment(FLOATS, xs, xp + 256, LITTLE_ENDIAN), s);
      s =
          ((FloatVector) b.lanewise(LSHR, 4).or(h.and(48)).sub(32).convertShape(I2F, FLOATS, 0))
              .mul(FloatVector.broadcast(FLOATS, sums[d + 5]))
              .fma(FloatVector.fromMemorySegment(FLOATS, xs, xp + 320, LITTLE_ENDIAN), s);
      s =
          ((FloatVector)
                  c.lanewise(LSHR, 4)
                      .or(g.lanewise(LSHR, 2).and(48))
                      .sub(32)
                      .convertShape(I2F, FLOATS, 0))
              .mul(FloatVector.broadcast(FLOATS, sums[d + 6]))
              .fma(FloatVector.fromMemorySegment(FLOATS, xs, xp + 384, LITTLE_ENDIAN), s);
      s =
          ((FloatVector)
                  e.lanewise(LSHR, 4)
                      .or(h.lanewise(LSHR, 2).and(48))
                      .sub(32)
                      .convertShape(I2F, FLOATS, 0))
              .mul(FloatVector.broadcast(FLOATS, sums[d + 7]))
              .fma(FloatVector.fromMemorySegment(FLOATS, xs, xp + 448, LITTLE_ENDIAN), s);
    }
    s.intoArray(sums, sum);
  }
}
