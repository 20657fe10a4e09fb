package io.rivulet.kernels;

import static io.rivulet.kernels.FloatTensor.FLOAT;
import static io.rivulet.kernels.VectorWidth.FLOATS;
import static io.rivulet.kernels.VectorWidth.INTS;
import static io.rivulet.kernels.VectorWidth.LENGTH;
import static io.rivulet.kernels.VectorWidth.PAIRED_SHORTS;
import static io.rivulet.kernels.VectorWidth.SHORTS;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.S2I;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/**
 * Packed Q4_0 weights times the codes of one token. Products of half a byte and a byte are so small
 * that all 16 of a lane's add up in 16 bits; the 8 that codes are too large by goes off at the end,
 * times the sum of the activations' codes. See {@link VectorPackedQ8} for the rest.
 *
 * <p>A row of each quarter of the rows at a time: four streams far apart come faster from memory
 * than rows side by side, which share pages.
 *
 * <p>Flat on purpose: a helper that returns a vector may be left uninlined and then allocates.
 */
final class VectorPackedQ4 {

  /** The four lowest bits of both shorts of an int. */
  private static final int CODES = 0x000f000f;

  private VectorPackedQ4() {}

  /** {@code out[token][r] = w[r] . x[token]}; missing rows repeat the last. */
  static void multiplyOne(
      PackedMatrix w,
      ActivationCodes x,
      int token,
      FloatTensor out,
      int rowFrom,
      int rowTo,
      float[] sums) {
    MemorySegment data = w.data();
    MemorySegment xs = x.codes();
    MemorySegment scales = x.scales().data();
    MemorySegment xsums = x.sums().data();
    MemorySegment ys = out.data();
    LaneGroups groups = x.groups();
    long rowBytes = w.rowBytes();
    long codesAt = w.codesAt();
    long yAt = out.offset(token, 0);
    int count = groups.count();
    int last = rowTo - 1;
    int quarter = Math.ceilDiv(rowTo - rowFrom, 4);
    for (int r = rowFrom; r < rowFrom + quarter; r++) {
      long w0 = r * rowBytes;
      long w1 = Math.min(r + quarter, last) * rowBytes;
      long w2 = Math.min(r + 2 * quarter, last) * rowBytes;
      long w3 = Math.min(r + 3 * quarter, last) * rowBytes;
      for (int lane = 0; lane < Lanes.COUNT; lane += LENGTH) {
        FloatVector s0 = FloatVector.zero(FLOATS);
        FloatVector s1 = FloatVector.zero(FLOATS);
        FloatVector s2 = FloatVector.zero(FLOATS);
        FloatVector s3 = FloatVector.zero(FLOATS);
        long at = codesAt + 4L * lane;
        long xAt = x.codesAt(token) + 4L * lane;
        for (int group = 0; group < count; group++) {
          int pairs = groups.pairs(group);
          ShortVector p0 = ShortVector.zero(PAIRED_SHORTS);
          ShortVector p1 = ShortVector.zero(PAIRED_SHORTS);
          ShortVector p2 = ShortVector.zero(PAIRED_SHORTS);
          ShortVector p3 = ShortVector.zero(PAIRED_SHORTS);
          for (int pair = 0; pair < pairs; pair += PackedMatrix.PAIRS_PER_WORD) {
            long c = at + 16L * pair;
            long xc = xAt + 64L * pair;
            ShortVector u0 = ShortVector.fromMemorySegment(PAIRED_SHORTS, xs, xc, LITTLE_ENDIAN);
            ShortVector u1 =
                ShortVector.fromMemorySegment(PAIRED_SHORTS, xs, xc + 64, LITTLE_ENDIAN);
            ShortVector u2 =
                ShortVector.fromMemorySegment(PAIRED_SHORTS, xs, xc + 128, LITTLE_ENDIAN);
            ShortVector u3 =
                ShortVector.fromMemorySegment(PAIRED_SHORTS, xs, xc + 192, LITTLE_ENDIAN);
            IntVector b0 = IntVector.fromMemorySegment(INTS, data, w0 + c, LITTLE_ENDIAN);
            p0 = p0.add(b0.and(CODES).reinterpretAsShorts().mul(u0));
            p0 = p0.add(b0.lanewise(LSHR, 4).and(CODES).reinterpretAsShorts().mul(u1));
            p0 = p0.add(b0.lanewise(LSHR, 8).and(CODES).reinterpretAsShorts().mul(u2));
            p0 = p0.add(b0.lanewise(LSHR, 12).and(CODES).reinterpretAsShorts().mul(u3));
            IntVector b1 = IntVector.fromMemorySegment(INTS, data, w1 + c, LITTLE_ENDIAN);
            p1 = p1.add(b1.and(CODES).reinterpretAsShorts().mul(u0));
            p1 = p1.add(b1.lanewise(LSHR, 4).and(CODES).reinterpretAsShorts().mul(u1));
            p1 = p1.add(b1.lanewise(LSHR, 8).and(CODES).reinterpretAsShorts().mul(u2));
            p1 = p1.add(b1.lanewise(LSHR, 12).and(CODES).reinterpretAsShorts().mul(u3));
            IntVector b2 = IntVector.fromMemorySegment(INTS, data, w2 + c, LITTLE_ENDIAN);
            p2 = p2.add(b2.and(CODES).reinterpretAsShorts().mul(u0));
            p2 = p2.add(b2.lanewise(LSHR, 4).and(CODES).reinterpretAsShorts().mul(u1));
            p2 = p2.add(b2.lanewise(LSHR, 8).and(CODES).reinterpretAsShorts().mul(u2));
            p2 = p2.add(b2.lanewise(LSHR, 12).and(CODES).reinterpretAsShorts().mul(u3));
            IntVector b3 = IntVector.fromMemorySegment(INTS, data, w3 + c, LITTLE_ENDIAN);
            p3 = p3.add(b3.and(CODES).reinterpretAsShorts().mul(u0));
            p3 = p3.add(b3.lanewise(LSHR, 4).and(CODES).reinterpretAsShorts().mul(u1));
            p3 = p3.add(b3.lanewise(LSHR, 8).and(CODES).reinterpretAsShorts().mul(u2));
            p3 = p3.add(b3.lanewise(LSHR, 12).and(CODES).reinterpretAsShorts().mul(u3));
          }
          IntVector i0 = p0.reinterpretAsInts();
          IntVector i1 = p1.reinterpretAsInts();
          IntVector i2 = p2.reinterpretAsInts();
          IntVector i3 = p3.reinterpretAsInts();
          long scaleAt = (long) group * PackedMatrix.SCALES_BYTES + 2L * lane;
          long xScaleAt = x.scales().offset(token, group * Lanes.COUNT + lane);
          FloatVector n =
              FloatVector.fromMemorySegment(FLOATS, xsums, xScaleAt, LITTLE_ENDIAN)
                  .mul(Packing.BIAS);
          FloatVector d = FloatVector.fromMemorySegment(FLOATS, scales, xScaleAt, LITTLE_ENDIAN);
          IntVector h0 =
              (IntVector)
                  ShortVector.fromMemorySegment(SHORTS, data, w0 + scaleAt, LITTLE_ENDIAN)
                      .convertShape(S2I, INTS, 0);
          IntVector e0 = h0.lanewise(ASHR, 10).and(31);
          IntVector m0 = h0.and(1023).add(e0.min(1).lanewise(LSHL, 10));
          FloatVector d0 =
              ((FloatVector) m0.convertShape(I2F, FLOATS, 0))
                  .mul(
                      e0.max(1)
                          .add(102)
                          .lanewise(LSHL, 23)
                          .or(h0.and(Integer.MIN_VALUE))
                          .reinterpretAsFloats());
          IntVector t0 = i0.lanewise(ASHR, 16).add(i0.lanewise(LSHL, 16).lanewise(ASHR, 16));
          s0 = ((FloatVector) t0.convertShape(I2F, FLOATS, 0)).sub(n).fma(d.mul(d0), s0);
          IntVector h1 =
              (IntVector)
                  ShortVector.fromMemorySegment(SHORTS, data, w1 + scaleAt, LITTLE_ENDIAN)
                      .convertShape(S2I, INTS, 0);
          IntVector e1 = h1.lanewise(ASHR, 10).and(31);
          IntVector m1 = h1.and(1023).add(e1.min(1).lanewise(LSHL, 10));
          FloatVector d1 =
              ((FloatVector) m1.convertShape(I2F, FLOATS, 0))
                  .mul(
                      e1.max(1)
                          .add(102)
                          .lanewise(LSHL, 23)
                          .or(h1.and(Integer.MIN_VALUE))
                          .reinterpretAsFloats());
          IntVector t1 = i1.lanewise(ASHR, 16).add(i1.lanewise(LSHL, 16).lanewise(ASHR, 16));
          s1 = ((FloatVector) t1.convertShape(I2F, FLOATS, 0)).sub(n).fma(d.mul(d1), s1);
          IntVector h2 =
              (IntVector)
                  ShortVector.fromMemorySegment(SHORTS, data, w2 + scaleAt, LITTLE_ENDIAN)
                      .convertShape(S2I, INTS, 0);
          IntVector e2 = h2.lanewise(ASHR, 10).and(31);
          IntVector m2 = h2.and(1023).add(e2.min(1).lanewise(LSHL, 10));
          FloatVector d2 =
              ((FloatVector) m2.convertShape(I2F, FLOATS, 0))
                  .mul(
                      e2.max(1)
                          .add(102)
                          .lanewise(LSHL, 23)
                          .or(h2.and(Integer.MIN_VALUE))
                          .reinterpretAsFloats());
          IntVector t2 = i2.lanewise(ASHR, 16).add(i2.lanewise(LSHL, 16).lanewise(ASHR, 16));
          s2 = ((FloatVector) t2.convertShape(I2F, FLOATS, 0)).sub(n).fma(d.mul(d2), s2);
          IntVector h3 =
              (IntVector)
                  ShortVector.fromMemorySegment(SHORTS, data, w3 + scaleAt, LITTLE_ENDIAN)
                      .convertShape(S2I, INTS, 0);
          IntVector e3 = h3.lanewise(ASHR, 10).and(31);
          IntVector m3 = h3.and(1023).add(e3.min(1).lanewise(LSHL, 10));
          FloatVector d3 =
              ((FloatVector) m3.convertShape(I2F, FLOATS, 0))
                  .mul(
                      e3.max(1)
                          .add(102)
                          .lanewise(LSHL, 23)
                          .or(h3.and(Integer.MIN_VALUE))
                          .reinterpretAsFloats());
          IntVector t3 = i3.lanewise(ASHR, 16).add(i3.lanewise(LSHL, 16).lanewise(ASHR, 16));
          s3 = ((FloatVector) t3.convertShape(I2F, FLOATS, 0)).sub(n).fma(d.mul(d3), s3);
          at += 16L * pairs;
          xAt += 64L * pairs;
        }
        s0.intoArray(sums, lane);
        s1.intoArray(sums, 16 + lane);
        s2.intoArray(sums, 32 + lane);
        s3.intoArray(sums, 48 + lane);
      }
      for (int i = 0; i < 4; i++) {
        int row = Math.min(r + i * quarter, last);
        ys.set(FLOAT, yAt + 4L * row, Lanes.sum(sums, i * Lanes.COUNT));
      }
    }
  }
}
