package io.rivulet.kernels;

import static io.rivulet.kernels.FloatTensor.FLOAT;
import static io.rivulet.kernels.VectorWidth.FLOATS;
import static io.rivulet.kernels.VectorWidth.INTS;
import static io.rivulet.kernels.VectorWidth.LENGTH;
import static io.rivulet.kernels.VectorWidth.PAIRED_BYTES;
import static io.rivulet.kernels.VectorWidth.PAIRED_SHORTS;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.B2S;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
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
 * <p>Flat on purpose: a helper that returns a vector may be left uninlined and then allocates.
 */
final class VectorPackedQ8 {

  private VectorPackedQ8() {}

  /** {@code out[token][r] = w[r] . x[token]} for eight rows r. */
  static void multiplyEight(
      PackedMatrix w,
      ActivationCodes x,
      int token,
      FloatTensor out,
      int[] rows,
      float[] products,
      float[] sums) {
    LaneGroups groups = x.groups();
    long w0 = rows[0] * w.rowBytes();
    long w1 = rows[1] * w.rowBytes();
    long w2 = rows[2] * w.rowBytes();
    long w3 = rows[3] * w.rowBytes();
    long w4 = rows[4] * w.rowBytes();
    long w5 = rows[5] * w.rowBytes();
    long w6 = rows[6] * w.rowBytes();
    long w7 = rows[7] * w.rowBytes();
    Arrays.fill(sums, 0, 8 * Lanes.COUNT, 0);
    long at = w.codesAt();
    long xAt = x.codesAt(token);
    for (int group = 0; group < groups.count(); group++) {
      int pairs = groups.pairs(group);
      multiplyGroup(
          w.data(), w0 + at, w1 + at, w2 + at, w3 + at, w4 + at, w5 + at, w6 + at, w7 + at,
          x.codes(), xAt, pairs, products);
      long scales = (long) group * PackedMatrix.SCALES_BYTES;
      long xScales = x.scales().offset(token, group * Lanes.COUNT);
      MemorySegment ds = x.scales().data();
      VectorPackedScales.add(w.data(), w0 + scales, ds, xScales, products, sums, 0);
      VectorPackedScales.add(w.data(), w1 + scales, ds, xScales, products, sums, 16);
      VectorPackedScales.add(w.data(), w2 + scales, ds, xScales, products, sums, 32);
      VectorPackedScales.add(w.data(), w3 + scales, ds, xScales, products, sums, 48);
      VectorPackedScales.add(w.data(), w4 + scales, ds, xScales, products, sums, 64);
      VectorPackedScales.add(w.data(), w5 + scales, ds, xScales, products, sums, 80);
      VectorPackedScales.add(w.data(), w6 + scales, ds, xScales, products, sums, 96);
      VectorPackedScales.add(w.data(), w7 + scales, ds, xScales, products, sums, 112);
      at += w.codeBytes(pairs);
      xAt += (long) pairs * ActivationCodes.PAIR_BYTES;
    }
    for (int i = 0; i < 8; i++) {
      out.data().set(FLOAT, out.offset(token, rows[i]), Lanes.sum(sums, i * Lanes.COUNT));
    }
  }

  /** The sums of products of codes of a group, for eight rows whose codes begin at w0 to w7. */
  private static void multiplyGroup(
      MemorySegment data,
      long w0,
      long w1,
      long w2,
      long w3,
      long w4,
      long w5,
      long w6,
      long w7,
      MemorySegment xs,
      long xAt,
      int pairs,
      float[] products) {
    for (int lane = 0; lane < Lanes.COUNT; lane += LENGTH) {
      IntVector i0 = IntVector.zero(INTS);
      IntVector i1 = IntVector.zero(INTS);
      IntVector i2 = IntVector.zero(INTS);
      IntVector i3 = IntVector.zero(INTS);
      IntVector i4 = IntVector.zero(INTS);
      IntVector i5 = IntVector.zero(INTS);
      IntVector i6 = IntVector.zero(INTS);
      IntVector i7 = IntVector.zero(INTS);
      for (int pair = 0; pair < pairs; pair += 2) {
        long c = 32L * pair + 2L * lane;
        long xc = xAt + 64L * pair + 4L * lane;
        ShortVector u = ShortVector.fromMemorySegment(PAIRED_SHORTS, xs, xc, LITTLE_ENDIAN);
        ShortVector v = ShortVector.fromMemorySegment(PAIRED_SHORTS, xs, xc + 64, LITTLE_ENDIAN);
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
        IntVector p4 =
            ((ShortVector)
                    ByteVector.fromMemorySegment(PAIRED_BYTES, data, w4 + c, LITTLE_ENDIAN)
                        .convertShape(B2S, PAIRED_SHORTS, 0))
                .mul(u)
                .add(
                    ((ShortVector)
                            ByteVector.fromMemorySegment(
                                    PAIRED_BYTES, data, w4 + c + 32, LITTLE_ENDIAN)
                                .convertShape(B2S, PAIRED_SHORTS, 0))
                        .mul(v))
                .reinterpretAsInts();
        i4 = i4.add(p4.lanewise(ASHR, 16)).add(p4.lanewise(LSHL, 16).lanewise(ASHR, 16));
        IntVector p5 =
            ((ShortVector)
                    ByteVector.fromMemorySegment(PAIRED_BYTES, data, w5 + c, LITTLE_ENDIAN)
                        .convertShape(B2S, PAIRED_SHORTS, 0))
                .mul(u)
                .add(
                    ((ShortVector)
                            ByteVector.fromMemorySegment(
                                    PAIRED_BYTES, data, w5 + c + 32, LITTLE_ENDIAN)
                                .convertShape(B2S, PAIRED_SHORTS, 0))
                        .mul(v))
                .reinterpretAsInts();
        i5 = i5.add(p5.lanewise(ASHR, 16)).add(p5.lanewise(LSHL, 16).lanewise(ASHR, 16));
        IntVector p6 =
            ((ShortVector)
                    ByteVector.fromMemorySegment(PAIRED_BYTES, data, w6 + c, LITTLE_ENDIAN)
                        .convertShape(B2S, PAIRED_SHORTS, 0))
                .mul(u)
                .add(
                    ((ShortVector)
                            ByteVector.fromMemorySegment(
                                    PAIRED_BYTES, data, w6 + c + 32, LITTLE_ENDIAN)
                                .convertShape(B2S, PAIRED_SHORTS, 0))
                        .mul(v))
                .reinterpretAsInts();
        i6 = i6.add(p6.lanewise(ASHR, 16)).add(p6.lanewise(LSHL, 16).lanewise(ASHR, 16));
        IntVector p7 =
            ((ShortVector)
                    ByteVector.fromMemorySegment(PAIRED_BYTES, data, w7 + c, LITTLE_ENDIAN)
                        .convertShape(B2S, PAIRED_SHORTS, 0))
                .mul(u)
                .add(
                    ((ShortVector)
                            ByteVector.fromMemorySegment(
                                    PAIRED_BYTES, data, w7 + c + 32, LITTLE_ENDIAN)
                                .convertShape(B2S, PAIRED_SHORTS, 0))
                        .mul(v))
                .reinterpretAsInts();
        i7 = i7.add(p7.lanewise(ASHR, 16)).add(p7.lanewise(LSHL, 16).lanewise(ASHR, 16));
      }
      ((FloatVector) i0.convertShape(I2F, FLOATS, 0)).intoArray(products, lane);
      ((FloatVector) i1.convertShape(I2F, FLOATS, 0)).intoArray(products, lane + 16);
      ((FloatVector) i2.convertShape(I2F, FLOATS, 0)).intoArray(products, lane + 32);
      ((FloatVector) i3.convertShape(I2F, FLOATS, 0)).intoArray(products, lane + 48);
      ((FloatVector) i4.convertShape(I2F, FLOATS, 0)).intoArray(products, lane + 64);
      ((FloatVector) i5.convertShape(I2F, FLOATS, 0)).intoArray(products, lane + 80);
      ((FloatVector) i6.convertShape(I2F, FLOATS, 0)).intoArray(products, lane + 96);
      ((FloatVector) i7.convertShape(I2F, FLOATS, 0)).intoArray(products, lane + 112);
    }
  }
}
