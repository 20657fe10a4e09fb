package io.rivulet.kernels;

import static io.rivulet.kernels.FloatTensor.FLOAT;
import static io.rivulet.kernels.VectorWidth.FLOATS;
import static io.rivulet.kernels.VectorWidth.INTS;
import static io.rivulet.kernels.VectorWidth.LENGTH;
import static io.rivulet.kernels.VectorWidth.PAIRED_BYTES;
import static io.rivulet.kernels.VectorWidth.PAIRED_SHORTS;
import static io.rivulet.kernels.VectorWidth.SHORTS;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.B2S;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.S2I;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/**
 * Packed Q8_0 weights times the codes of one token. Products of two bytes fit 16 bits, and so does
 * the sum of two; the shorts of a lane are then taken apart by shifts of ints, which are cheaper
 * than those of shorts. A scale's binary16 becomes a float from its significand as a whole number,
 * since a subnormal float would cost a trap to microcode.
 *
 * <p>A row of each quarter of the rows at a time: four streams far apart come faster from memory
 * than rows side by side, which share pages.
 *
 * <p>Flat on purpose: a helper that returns a vector may be left uninlined and then allocates.
 */
final class VectorPackedQ8 {

  private VectorPackedQ8() {}

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
        long at = codesAt + 2L * lane;
        long xAt = x.codesAt(token) + 4L * lane;
        for (int group = 0; group < count; group++) {
          int pairs = groups.pairs(group);
          IntVector i0 = IntVector.zero(INTS);
          IntVector i1 = IntVector.zero(INTS);
          IntVector i2 = IntVector.zero(INTS);
          IntVector i3 = IntVector.zero(INTS);
          for (int pair = 0; pair < pairs; pair += 2) {
            long c = at + 32L * pair;
            long xc = xAt + 64L * pair;
            ShortVector u = ShortVector.fromMemorySegment(PAIRED_SHORTS, xs, xc, LITTLE_ENDIAN);
            ShortVector v =
                ShortVector.fromMemorySegment(PAIRED_SHORTS, xs, xc + 64, LITTLE_ENDIAN);
            IntVector p0 =
                ((ShortVector)
                        ByteVector.fromMemorySegment(PAIRED_BYTES, data, w0 + c, LITTLE_ENDIAN)
                            .convertShape(B2S, PAIRED_SHORTS, 0))
                    .mul(u)
                    .add(
                        ((ShortVector)
                                ByteVector.fromMemorySegment(
                                        PAIRED_BYTES, data, w0 + c + 32, LITTLE_ENDIAN)
                                    .convertShape(B2S, PAIRED_SHORTS, 0))
                            .mul(v))
                    .reinterpretAsInts();
            i0 = i0.add(p0.lanewise(ASHR, 16)).add(p0.lanewise(LSHL, 16).lanewise(ASHR, 16));
            IntVector p1 =
                ((ShortVector)
                        ByteVector.fromMemorySegment(PAIRED_BYTES, data, w1 + c, LITTLE_ENDIAN)
                            .convertShape(B2S, PAIRED_SHORTS, 0))
                    .mul(u)
                    .add(
                        ((ShortVector)
                                ByteVector.fromMemorySegment(
                                        PAIRED_BYTES, data, w1 + c + 32, LITTLE_ENDIAN)
                                    .convertShape(B2S, PAIRED_SHORTS, 0))
                            .mul(v))
                    .reinterpretAsInts();
            i1 = i1.add(p1.lanewise(ASHR, 16)).add(p1.lanewise(LSHL, 16).lanewise(ASHR, 16));
            IntVector p2 =
                ((ShortVector)
                        ByteVector.fromMemorySegment(PAIRED_BYTES, data, w2 + c, LITTLE_ENDIAN)
                            .convertShape(B2S, PAIRED_SHORTS, 0))
                    .mul(u)
                    .add(
                        ((ShortVector)
                                ByteVector.fromMemorySegment(
                                        PAIRED_BYTES, data, w2 + c + 32, LITTLE_ENDIAN)
                                    .convertShape(B2S, PAIRED_SHORTS, 0))
                            .mul(v))
                    .reinterpretAsInts();
            i2 = i2.add(p2.lanewise(ASHR, 16)).add(p2.lanewise(LSHL, 16).lanewise(ASHR, 16));
            IntVector p3 =
                ((ShortVector)
                        ByteVector.fromMemorySegment(PAIRED_BYTES, data, w3 + c, LITTLE_ENDIAN)
                            .convertShape(B2S, PAIRED_SHORTS, 0))
                    .mul(u)
                    .add(
                        ((ShortVector)
                                ByteVector.fromMemorySegment(
                                        PAIRED_BYTES, data, w3 + c + 32, LITTLE_ENDIAN)
                                    .convertShape(B2S, PAIRED_SHORTS, 0))
                            .mul(v))
                    .reinterpretAsInts();
            i3 = i3.add(p3.lanewise(ASHR, 16)).add(p3.lanewise(LSHL, 16).lanewise(ASHR, 16));
          }
          long scaleAt = (long) group * PackedMatrix.SCALES_BYTES + 2L * lane;
          long xScaleAt = x.scales().offset(token, group * Lanes.COUNT + lane);
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
          s0 = ((FloatVector) i0.convertShape(I2F, FLOATS, 0)).fma(d.mul(d0), s0);
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
          s1 = ((FloatVector) i1.convertShape(I2F, FLOATS, 0)).fma(d.mul(d1), s1);
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
          s2 = ((FloatVector) i2.convertShape(I2F, FLOATS, 0)).fma(d.mul(d2), s2);
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
          s3 = ((FloatVector) i3.convertShape(I2F, FLOATS, 0)).fma(d.mul(d3), s3);
          at += 32L * pairs;
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
