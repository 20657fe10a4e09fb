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

  /** {@code out[token][r] = w[r] . x[token]} for four rows. */
  static void multiplyFour(
      PackedMatrix w,
      ActivationCodes x,
      int token,
      FloatTensor out,
      int r0,
      int r1,
      int r2,
      int r3,
      float[] products,
      float[] sums) {
    LaneGroups groups = x.groups();
    long w0 = r0 * w.rowBytes();
    long w1 = r1 * w.rowBytes();
    long w2 = r2 * w.rowBytes();
    long w3 = r3 * w.rowBytes();
    Arrays.fill(sums, 0, 4 * Lanes.COUNT, 0);
    long at = w.codesAt();
    long xAt = x.codesAt(token);
    for (int group = 0; group < groups.count(); group++) {
      int pairs = groups.pairs(group);
      multiplyGroup(w.data(), w0 + at, w1 + at, w2 + at, w3 + at, x.codes(), xAt, pairs, products);
      long scales = (long) group * PackedMatrix.SCALES_BYTES;
      long xScales = x.scales().offset(token, group * Lanes.COUNT);
      MemorySegment ds = x.scales().data();
      VectorPackedScales.add(w.data(), w0 + scales, ds, xScales, products, sums, 0);
      VectorPackedScales.add(w.data(), w1 + scales, ds, xScales, products, sums, 16);
      VectorPackedScales.add(w.data(), w2 + scales, ds, xScales, products, sums, 32);
      VectorPackedScales.add(w.data(), w3 + scales, ds, xScales, products, sums, 48);
      at += w.codeBytes(pairs);
      xAt += (long) pairs * ActivationCodes.PAIR_BYTES;
    }
    out.data().set(FLOAT, out.offset(token, r0), Lanes.sum(sums, 0));
    out.data().set(FLOAT, out.offset(token, r1), Lanes.sum(sums, 16));
    out.data().set(FLOAT, out.offset(token, r2), Lanes.sum(sums, 32));
    out.data().set(FLOAT, out.offset(token, r3), Lanes.sum(sums, 48));
  }

  /** The sums of products of codes of a group, for four rows whose codes begin at w0 to w3. */
  private static void multiplyGroup(
      MemorySegment data,
      long w0,
      long w1,
      long w2,
      long w3,
      MemorySegment xs,
      long xAt,
      int pairs,
      float[] products) {

    for (int lane = 0; lane < Lanes.COUNT; lane += LENGTH) {

      IntVector i0 = IntVector.zero(INTS);
      IntVector i1 = IntVector.zero(INTS);
      IntVector i2 = IntVector.zero(INTS);
      IntVector i3 = IntVector.zero(INTS);
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
      }
      ((FloatVector) i0.convertShape(I2F, FLOATS, 0)).intoArray(products, lane);
      ((FloatVector) i1.convertShape(I2F, FLOATS, 0)).intoArray(products, lane + 16);
      ((FloatVector) i2.convertShape(I2F, FLOATS, 0)).intoArray(products, lane + 32);
      ((FloatVector) i3.convertShape(I2F, FLOATS, 0)).intoArray(products, lane + 48);
    }
  }
}
