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
import static jdk.incubator.vector.VectorOperators.F2I;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/**
 * Products of rows that lie lane by row, by vectors: 64 rows in flight, products of codes added up
 * as in {@link VectorPackedQ8}. One is in use by one thread.
 *
 * <p>Flat on purpose: a helper that returns a vector may be left uninlined and then allocates.
 */
final class VectorLaneRows {

  /** Activations' codes; those past the columns are zero. */
  private final int[] codes = new int[LaneRows.MOST_COLS];

  /** Two codes in 16 bits each. */
  private final int[] pairs = new int[LaneRows.MOST_COLS / LaneRows.PAIR];

  private final float[] dots = new float[4 * Lanes.COUNT];

  /** As {@link Kernels#score}. */
  void score(LaneRows w, FloatTensor x, int token, FloatTensor out, int from, int to) {
    float largest = VectorMaximum.ofMagnitudes(x.data(), x.offset(token, 0), w.cols());
    round(x, token, w.cols(), ScalarPacked.inverse(largest), codes);
    Arrays.fill(codes, w.cols(), w.paddedCols(), 0);
    for (int pair = 0; pair < w.paddedCols() / LaneRows.PAIR; pair++) {
      pairs[pair] = (codes[2 * pair] & 0xffff) | (codes[2 * pair + 1] << Short.SIZE);
    }
    float scale = ScalarPacked.scale(largest);
    int last = (to - 1) / Lanes.COUNT * Lanes.COUNT;
    for (int r = from; r < to; r += 4 * Lanes.COUNT) {
      int r1 = Math.min(r + Lanes.COUNT, last);
      int r2 = Math.min(r + 2 * Lanes.COUNT, last);
      int r3 = Math.min(r + 3 * Lanes.COUNT, last);
      multiply(w, w.codeAt(r, 0), w.codeAt(r1, 0), w.codeAt(r2, 0), w.codeAt(r3, 0), pairs, dots);
      finish(w, r, dots, 0, scale, out, token, to);
      finish(w, r1, dots, 16, scale, out, token, to);
      finish(w, r2, dots, 32, scale, out, token, to);
      finish(w, r3, dots, 48, scale, out, token, to);
    }
  }

  private static void round(FloatTensor x, int token, int cols, float inverse, int[] codes) {
    long at = x.offset(token, 0);
    int end = cols / LENGTH * LENGTH;
    for (int c = 0; c < end; c += LENGTH) {
      FloatVector v = FloatVector.fromMemorySegment(FLOATS, x.data(), at + 4L * c, LITTLE_ENDIAN);
      FloatVector rounded = v.mul(inverse).add(ScalarPacked.ROUNDER).sub(ScalarPacked.ROUNDER);
      ((IntVector) rounded.convertShape(F2I, INTS, 0)).intoArray(codes, c);
    }
    for (int c = end; c < cols; c++) {
      codes[c] = ScalarLaneRows.code(x.data().get(FLOAT, at + 4L * c), inverse);
    }
  }

  /** The products of codes of four times 16 rows, which begin at w0 to w3. */
  private static void multiply(
      LaneRows w, long w0, long w1, long w2, long w3, int[] pairs, float[] dots) {
    MemorySegment data = w.codes();
    int count = w.paddedCols() / LaneRows.PAIR;
    for (int lane = 0; lane < Lanes.COUNT; lane += LENGTH) {
      IntVector i0 = IntVector.zero(INTS);
      IntVector i1 = IntVector.zero(INTS);
      IntVector i2 = IntVector.zero(INTS);
      IntVector i3 = IntVector.zero(INTS);
      for (int pair = 0; pair < count; pair += 2) {
        long c = (long) LaneRows.PAIR_BYTES * pair + 2L * lane;
        ShortVector u = IntVector.broadcast(INTS, pairs[pair]).reinterpretAsShorts();
        ShortVector v = IntVector.broadcast(INTS, pairs[pair + 1]).reinterpretAsShorts();
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
      ((FloatVector) i0.convertShape(I2F, FLOATS, 0)).intoArray(dots, lane);
      ((FloatVector) i1.convertShape(I2F, FLOATS, 0)).intoArray(dots, lane + 16);
      ((FloatVector) i2.convertShape(I2F, FLOATS, 0)).intoArray(dots, lane + 32);
      ((FloatVector) i3.convertShape(I2F, FLOATS, 0)).intoArray(dots, lane + 48);
    }
  }

  /** The scores of 16 rows, or those before {@code to}, whose products are at an index. */
  private static void finish(
      LaneRows w, int row, float[] dots, int at, float scale, FloatTensor out, int token, int to) {
    if (row + Lanes.COUNT > to) {
      for (int r = row; r < to; r++) {
        float score = ScalarLaneRows.scored(w, r, dots[at + r - row], scale);
        out.data().set(FLOAT, out.offset(token, r), score);
      }
      return;
    }
    MemorySegment scales = w.scales().data();
    MemorySegment biases = w.biases().data();
    for (int lane = 0; lane < Lanes.COUNT; lane += LENGTH) {
      long f = 4L * (row + lane);
      FloatVector.fromArray(FLOATS, dots, at + lane)
          .fma(
              FloatVector.fromMemorySegment(FLOATS, scales, f, LITTLE_ENDIAN).mul(scale),
              FloatVector.fromMemorySegment(FLOATS, biases, f, LITTLE_ENDIAN))
          .intoMemorySegment(out.data(), out.offset(token, row + lane), LITTLE_ENDIAN);
    }
  }
}
