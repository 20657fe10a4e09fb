package io.rivulet.kernels;

import static io.rivulet.kernels.FloatTensor.FLOAT;
import static io.rivulet.kernels.VectorWidth.FLOATS;
import static io.rivulet.kernels.VectorWidth.INTS;
import static io.rivulet.kernels.VectorWidth.LENGTH;
import static io.rivulet.kernels.VectorWidth.PAIRED_SHORTS;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/**
 * Packed Q4_0 weights times the codes of one token. Products of half a byte and a byte are so small
 * that all 16 of a lane's add up in 16 bits; the 8 that codes are too large by goes off at the end,
 * times the sum of the activations' codes. See {@link VectorPackedQ8} for the rest.
 *
 * <p>Flat on purpose: a helper that returns a vector may be left uninlined and then allocates.
 */
final class VectorPackedQ4 {

  /** The four lowest bits of both shorts of an int. */
  private static final int CODES = 0x000f000f;

  private VectorPackedQ4() {}

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
      multiplyGroup(
          w.data(), w0 + at, w1 + at, w2 + at, w3 + at, x, token, group, xAt, pairs, products);
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
      ActivationCodes x,
      int token,
      int group,
      long xAt,
      int pairs,
      float[] products) {
    MemorySegment xs = x.codes();
    MemorySegment xsums = x.sums().data();
    for (int lane = 0; lane < Lanes.COUNT; lane += LENGTH) {
      ShortVector p0 = ShortVector.zero(PAIRED_SHORTS);
      ShortVector p1 = ShortVector.zero(PAIRED_SHORTS);
      ShortVector p2 = ShortVector.zero(PAIRED_SHORTS);
      ShortVector p3 = ShortVector.zero(PAIRED_SHORTS);
      for (int pair = 0; pair < pairs; pair += PackedMatrix.PAIRS_PER_WORD) {
        long c = 16L * pair + 4L * lane;
        long xc = xAt + 64L * pair + 4L * lane;
        ShortVector u0 = ShortVector.fromMemorySegment(PAIRED_SHORTS, xs, xc, LITTLE_ENDIAN);
        ShortVector u1 = ShortVector.fromMemorySegment(PAIRED_SHORTS, xs, xc + 64, LITTLE_ENDIAN);
        ShortVector u2 = ShortVector.fromMemorySegment(PAIRED_SHORTS, xs, xc + 128, LITTLE_ENDIAN);
        ShortVector u3 = ShortVector.fromMemorySegment(PAIRED_SHORTS, xs, xc + 192, LITTLE_ENDIAN);
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
      FloatVector n =
          FloatVector.fromMemorySegment(
                  FLOATS, xsums, x.sums().offset(token, group * Lanes.COUNT + lane), LITTLE_ENDIAN)
              .mul(Packing.BIAS);
      IntVector t0 = i0.lanewise(ASHR, 16).add(i0.lanewise(LSHL, 16).lanewise(ASHR, 16));
      ((FloatVector) t0.convertShape(I2F, FLOATS, 0)).sub(n).intoArray(products, lane);
      IntVector t1 = i1.lanewise(ASHR, 16).add(i1.lanewise(LSHL, 16).lanewise(ASHR, 16));
      ((FloatVector) t1.convertShape(I2F, FLOATS, 0)).sub(n).intoArray(products, lane + 16);
      IntVector t2 = i2.lanewise(ASHR, 16).add(i2.lanewise(LSHL, 16).lanewise(ASHR, 16));
      ((FloatVector) t2.convertShape(I2F, FLOATS, 0)).sub(n).intoArray(products, lane + 32);
      IntVector t3 = i3.lanewise(ASHR, 16).add(i3.lanewise(LSHL, 16).lanewise(ASHR, 16));
      ((FloatVector) t3.convertShape(I2F, FLOATS, 0)).sub(n).intoArray(products, lane + 48);
    }
  }
}
