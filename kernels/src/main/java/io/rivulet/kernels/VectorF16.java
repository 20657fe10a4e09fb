package io.rivulet.kernels;

import static io.rivulet.kernels.FloatTensor.FLOAT;
import static io.rivulet.kernels.VectorWidth.FLOATS;
import static io.rivulet.kernels.VectorWidth.INTS;
import static io.rivulet.kernels.VectorWidth.LENGTH;
import static io.rivulet.kernels.VectorWidth.SHORTS;
import static io.rivulet.kernels.WeightCodec.SHORT;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.S2I;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/**
 * F16 weights by vectors. With exponent and mantissa where a float has them and the bias made good,
 * a normal binary16 has its magnitude m, and a subnormal one, whose magnitude is 2m - 2^-14, gets
 * an m that is greater than this: the magnitude is min(m, 2m - 2^-14) for both. Nothing here ever
 * works on a subnormal float, which costs some processors a hundred cycles. Infinities and NaNs,
 * which no weight is, count as numbers from 65536 on.
 *
 * <p>Flat on purpose: a helper that returns a vector may be left uninlined and then allocates. And
 * no method does two things: one that is too large for C1 is never handed on to C2.
 */
final class VectorF16 {

  static final int MAGNITUDE = 0x7fff;
  static final int SIGN = 0x80000000;

  /** From a binary16's mantissa to a float's. */
  static final int SHIFT = 13;

  /** The difference of the exponents' biases, in a float's exponent. */
  static final int REBIAS = 112 << 23;

  /** The least normal binary16, negated. */
  static final float MINUS_SMALLEST = -0x1p-14f;

  private VectorF16() {}

  /** {@code out[token][r] = w[r] . x[token]} for four rows. */
  static void multiplyFour(
      Matrix w,
      FloatTensor x,
      int token,
      FloatTensor out,
      int r0,
      int r1,
      int r2,
      int r3,
      float[] sums) {
    MemorySegment data = w.data();
    MemorySegment xs = x.data();
    long xAt = x.offset(token, 0);
    int cols = w.cols();
    FloatVector two = FloatVector.broadcast(FLOATS, 2f);
    FloatVector smallest = FloatVector.broadcast(FLOATS, MINUS_SMALLEST);
    int even = Lanes.evenPart(cols);
    long w0 = r0 * w.rowBytes();
    long w1 = r1 * w.rowBytes();
    long w2 = r2 * w.rowBytes();
    long w3 = r3 * w.rowBytes();
    for (int lane = 0; lane < Lanes.COUNT; lane += LENGTH) {
      FloatVector s0 = FloatVector.zero(FLOATS);
      FloatVector s1 = FloatVector.zero(FLOATS);
      FloatVector s2 = FloatVector.zero(FLOATS);
      FloatVector s3 = FloatVector.zero(FLOATS);
      for (int c = lane; c < even; c += Lanes.COUNT) {
        FloatVector v = FloatVector.fromMemorySegment(FLOATS, xs, xAt + 4L * c, LITTLE_ENDIAN);
        IntVector h0 =
            (IntVector)
                ShortVector.fromMemorySegment(SHORTS, data, w0 + 2L * c, LITTLE_ENDIAN)
                    .convertShape(S2I, INTS, 0);
        IntVector m0 = h0.and(MAGNITUDE).lanewise(LSHL, SHIFT).add(REBIAS);
        IntVector g0 = m0.reinterpretAsFloats().fma(two, smallest).reinterpretAsInts().min(m0);
        s0 = g0.or(h0.and(SIGN)).reinterpretAsFloats().fma(v, s0);
        IntVector h1 =
            (IntVector)
                ShortVector.fromMemorySegment(SHORTS, data, w1 + 2L * c, LITTLE_ENDIAN)
                    .convertShape(S2I, INTS, 0);
        IntVector m1 = h1.and(MAGNITUDE).lanewise(LSHL, SHIFT).add(REBIAS);
        IntVector g1 = m1.reinterpretAsFloats().fma(two, smallest).reinterpretAsInts().min(m1);
        s1 = g1.or(h1.and(SIGN)).reinterpretAsFloats().fma(v, s1);
        IntVector h2 =
            (IntVector)
                ShortVector.fromMemorySegment(SHORTS, data, w2 + 2L * c, LITTLE_ENDIAN)
                    .convertShape(S2I, INTS, 0);
        IntVector m2 = h2.and(MAGNITUDE).lanewise(LSHL, SHIFT).add(REBIAS);
        IntVector g2 = m2.reinterpretAsFloats().fma(two, smallest).reinterpretAsInts().min(m2);
        s2 = g2.or(h2.and(SIGN)).reinterpretAsFloats().fma(v, s2);
        IntVector h3 =
            (IntVector)
                ShortVector.fromMemorySegment(SHORTS, data, w3 + 2L * c, LITTLE_ENDIAN)
                    .convertShape(S2I, INTS, 0);
        IntVector m3 = h3.and(MAGNITUDE).lanewise(LSHL, SHIFT).add(REBIAS);
        IntVector g3 = m3.reinterpretAsFloats().fma(two, smallest).reinterpretAsInts().min(m3);
        s3 = g3.or(h3.and(SIGN)).reinterpretAsFloats().fma(v, s3);
      }
      s0.intoArray(sums, lane);
      s1.intoArray(sums, 16 + lane);
      s2.intoArray(sums, 32 + lane);
      s3.intoArray(sums, 48 + lane);
    }
    finish(w, x, token, out, r0, Lanes.sum(sums, 0));
    finish(w, x, token, out, r1, Lanes.sum(sums, 16));
    finish(w, x, token, out, r2, Lanes.sum(sums, 32));
    finish(w, x, token, out, r3, Lanes.sum(sums, 48));
  }

  /** Adds the columns past the last multiple of 16 to the sum of the others. */
  private static void finish(
      Matrix w, FloatTensor x, int token, FloatTensor out, int r, float evenSum) {
    long row = r * w.rowBytes();
    long xAt = x.offset(token, 0);
    float sum = evenSum;
    for (int c = Lanes.evenPart(w.cols()); c < w.cols(); c++) {
      sum =
          Math.fma(
              Float.float16ToFloat(w.data().get(SHORT, row + 2L * c)),
              x.data().get(FLOAT, xAt + 4L * c),
              sum);
    }
    out.data().set(FLOAT, out.offset(token, r), sum);
  }

  /** Decodes as many of {@code count} weights as fill vectors to floats, and says how many. */
  static int decode(MemorySegment data, long at, int count, MemorySegment out, long outAt) {
    FloatVector two = FloatVector.broadcast(FLOATS, 2f);
    FloatVector smallest = FloatVector.broadcast(FLOATS, MINUS_SMALLEST);
    int whole = count / LENGTH * LENGTH;
    for (int c = 0; c < whole; c += LENGTH) {
      IntVector h =
          (IntVector)
              ShortVector.fromMemorySegment(SHORTS, data, at + 2L * c, LITTLE_ENDIAN)
                  .convertShape(S2I, INTS, 0);
      IntVector m = h.and(MAGNITUDE).lanewise(LSHL, SHIFT).add(REBIAS);
      m.reinterpretAsFloats()
          .fma(two, smallest)
          .reinterpretAsInts()
          .min(m)
          .or(h.and(SIGN))
          .reinterpretAsFloats()
          .intoMemorySegment(out, outAt + 4L * c, LITTLE_ENDIAN);
    }
    return whole;
  }

  /**
   * {@code y[c] += sum over i of activations[ids[i]] * w[ids[i]][c]}, four rows in flight. The sum
   * of a column goes through the rows in order. With eight rows the method grows so large that C2
   * at times leaves a vector at its end on the heap.
   */
  static void accumulate(
      Matrix w,
      FloatTensor activations,
      int token,
      int[] ids,
      int idFrom,
      int idTo,
      MemorySegment ys,
      long yAt,
      int from,
      int to) {
    int fours = idFrom + ((idTo - idFrom) & -4);
    int end = from + (to - from) / LENGTH * LENGTH;
    for (int i = idFrom; i < fours; i += 4) {
      addFour(w, activations, token, ids, i, ys, yAt, from, end);
    }
    for (int i = fours; i < idTo; i++) {
      addOne(w, activations, token, ids[i], ys, yAt, from, end);
    }
    if (end < to) {
      addRest(w, activations, token, ids, idFrom, idTo, ys, yAt, end, to);
    }
  }

  private static void addFour(
      Matrix w,
      FloatTensor activations,
      int token,
      int[] ids,
      int i,
      MemorySegment ys,
      long yAt,
      int from,
      int to) {
    MemorySegment data = w.data();
    long rowBytes = w.rowBytes();
    FloatVector two = FloatVector.broadcast(FLOATS, 2f);
    FloatVector smallest = FloatVector.broadcast(FLOATS, MINUS_SMALLEST);
    IntVector magnitude = IntVector.broadcast(INTS, MAGNITUDE);
    IntVector sign = IntVector.broadcast(INTS, SIGN);
    IntVector rebias = IntVector.broadcast(INTS, REBIAS);
    long w0 = ids[i] * rowBytes;
    long w1 = ids[i + 1] * rowBytes;
    long w2 = ids[i + 2] * rowBytes;
    long w3 = ids[i + 3] * rowBytes;
    FloatVector a0 = FloatVector.broadcast(FLOATS, activations.get(token, ids[i]));
    FloatVector a1 = FloatVector.broadcast(FLOATS, activations.get(token, ids[i + 1]));
    FloatVector a2 = FloatVector.broadcast(FLOATS, activations.get(token, ids[i + 2]));
    FloatVector a3 = FloatVector.broadcast(FLOATS, activations.get(token, ids[i + 3]));
    for (int c = from; c < to; c += LENGTH) {
      FloatVector sum = FloatVector.fromMemorySegment(FLOATS, ys, yAt + 4L * c, LITTLE_ENDIAN);
      IntVector h0 =
          (IntVector)
              ShortVector.fromMemorySegment(SHORTS, data, w0 + 2L * c, LITTLE_ENDIAN)
                  .convertShape(S2I, INTS, 0);
      IntVector m0 = h0.and(magnitude).lanewise(LSHL, SHIFT).add(rebias);
      IntVector g0 = m0.reinterpretAsFloats().fma(two, smallest).reinterpretAsInts().min(m0);
      sum = g0.or(h0.and(sign)).reinterpretAsFloats().fma(a0, sum);
      IntVector h1 =
          (IntVector)
              ShortVector.fromMemorySegment(SHORTS, data, w1 + 2L * c, LITTLE_ENDIAN)
                  .convertShape(S2I, INTS, 0);
      IntVector m1 = h1.and(magnitude).lanewise(LSHL, SHIFT).add(rebias);
      IntVector g1 = m1.reinterpretAsFloats().fma(two, smallest).reinterpretAsInts().min(m1);
      sum = g1.or(h1.and(sign)).reinterpretAsFloats().fma(a1, sum);
      IntVector h2 =
          (IntVector)
              ShortVector.fromMemorySegment(SHORTS, data, w2 + 2L * c, LITTLE_ENDIAN)
                  .convertShape(S2I, INTS, 0);
      IntVector m2 = h2.and(magnitude).lanewise(LSHL, SHIFT).add(rebias);
      IntVector g2 = m2.reinterpretAsFloats().fma(two, smallest).reinterpretAsInts().min(m2);
      sum = g2.or(h2.and(sign)).reinterpretAsFloats().fma(a2, sum);
      IntVector h3 =
          (IntVector)
              ShortVector.fromMemorySegment(SHORTS, data, w3 + 2L * c, LITTLE_ENDIAN)
                  .convertShape(S2I, INTS, 0);
      IntVector m3 = h3.and(magnitude).lanewise(LSHL, SHIFT).add(rebias);
      IntVector g3 = m3.reinterpretAsFloats().fma(two, smallest).reinterpretAsInts().min(m3);
      sum = g3.or(h3.and(sign)).reinterpretAsFloats().fma(a3, sum);
      sum.intoMemorySegment(ys, yAt + 4L * c, LITTLE_ENDIAN);
    }
  }

  private static void addOne(
      Matrix w,
      FloatTensor activations,
      int token,
      int id,
      MemorySegment ys,
      long yAt,
      int from,
      int to) {
    MemorySegment data = w.data();
    long rowBytes = w.rowBytes();
    FloatVector two = FloatVector.broadcast(FLOATS, 2f);
    FloatVector smallest = FloatVector.broadcast(FLOATS, MINUS_SMALLEST);
    IntVector magnitude = IntVector.broadcast(INTS, MAGNITUDE);
    IntVector sign = IntVector.broadcast(INTS, SIGN);
    IntVector rebias = IntVector.broadcast(INTS, REBIAS);
    long w0 = id * rowBytes;
    FloatVector a0 = FloatVector.broadcast(FLOATS, activations.get(token, id));
    for (int c = from; c < to; c += LENGTH) {
      FloatVector sum = FloatVector.fromMemorySegment(FLOATS, ys, yAt + 4L * c, LITTLE_ENDIAN);
      IntVector h0 =
          (IntVector)
              ShortVector.fromMemorySegment(SHORTS, data, w0 + 2L * c, LITTLE_ENDIAN)
                  .convertShape(S2I, INTS, 0);
      IntVector m0 = h0.and(magnitude).lanewise(LSHL, SHIFT).add(rebias);
      IntVector g0 = m0.reinterpretAsFloats().fma(two, smallest).reinterpretAsInts().min(m0);
      sum = g0.or(h0.and(sign)).reinterpretAsFloats().fma(a0, sum);
      sum.intoMemorySegment(ys, yAt + 4L * c, LITTLE_ENDIAN);
    }
  }

  private static void addRest(
      Matrix w,
      FloatTensor activations,
      int token,
      int[] ids,
      int idFrom,
      int idTo,
      MemorySegment ys,
      long yAt,
      int from,
      int to) {
    MemorySegment data = w.data();
    for (int c = from; c < to; c++) {
      float sum = ys.get(FLOAT, yAt + 4L * c);
      for (int i = idFrom; i < idTo; i++) {
        long row = ids[i] * w.rowBytes();
        sum =
            Math.fma(
                Float.float16ToFloat(data.get(SHORT, row + 2L * c)),
                activations.get(token, ids[i]),
                sum);
      }
      ys.set(FLOAT, yAt + 4L * c, sum);
    }
  }
}
