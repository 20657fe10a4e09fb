package io.rivulet.kernels;

import static io.rivulet.kernels.VectorWidth.BYTES;
import static io.rivulet.kernels.VectorWidth.FLOATS;
import static io.rivulet.kernels.VectorWidth.INTS;
import static io.rivulet.kernels.VectorWidth.LENGTH;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.VectorOperators.B2F;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.ZERO_EXTEND_B2I;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * {@link CodedRows} by vectors, rows in flight as for plain weights: the scales of a group, which
 * its rows share, are read with each of them, as a rule from the first-level cache.
 *
 * <p>Flat on purpose: a helper that returns a vector may be left uninlined and then allocates. And
 * no method does two things: one that is too large for C1 is never handed on to C2.
 */
final class VectorCodes {

  private static final int MASK = 15;
  private static final int BITS = 4;

  /** Columns of which the lower or the upper halves of bytes hold one each. */
  private static final int HALF = CodeType.STEP / 2;

  private VectorCodes() {}

  /**
   * {@code y[c] += sum over i of activations[ids[i]] * w[ids[i]][c]} for bytes, whole vectors. The
   * sum of a column goes through the rows in order.
   */
  static void accumulateBytes(
      CodedRows w,
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
    for (int i = idFrom; i < fours; i += 4) {
      addFourOfBytes(w, activations, token, ids, i, ys, yAt, from, to);
    }
    for (int i = fours; i < idTo; i++) {
      addOneOfBytes(w, activations, token, ids, i, ys, yAt, from, to);
    }
  }

  /** The same for half bytes, whole steps of columns, some lanes of all after others. */
  static void accumulateNibbles(
      CodedRows w,
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
    for (int i = idFrom; i < fours; i += 4) {
      addFourOfNibbles(w, activations, token, ids, i, ys, yAt, from, to);
    }
    for (int i = fours; i < idTo; i++) {
      addOneOfNibbles(w, activations, token, ids, i, ys, yAt, from, to);
    }
  }

  /**
   * Decodes columns of a row of bytes to floats.
   *
   * @param to whole vectors later than from
   */
  static void decodeBytes(CodedRows w, int row, int from, int to, MemorySegment out, long outAt) {
    MemorySegment data = w.codes();
    MemorySegment scales = w.scales().data();
    MemorySegment offsets = w.offsets().data();
    long w0 = row * w.rowBytes() + from;
    long d0 = w.scaleAt(row) + 4L * from;
    long m0 = w.offsetAt(row) + 4L * from;
    int count = to - from;
    for (int c = 0; c < count; c += LENGTH) {
      long f = 4L * c;
      ((FloatVector)
              ByteVector.fromMemorySegment(BYTES, data, w0 + c, LITTLE_ENDIAN)
                  .convertShape(B2F, FLOATS, 0))
          .fma(
              FloatVector.fromMemorySegment(FLOATS, scales, d0 + f, LITTLE_ENDIAN),
              FloatVector.fromMemorySegment(FLOATS, offsets, m0 + f, LITTLE_ENDIAN))
          .intoMemorySegment(out, outAt + f, LITTLE_ENDIAN);
    }
  }

  /** The same for half bytes, whole steps of columns. */
  static void decodeNibbles(CodedRows w, int row, int from, int to, MemorySegment out, long outAt) {
    MemorySegment data = w.codes();
    MemorySegment scales = w.scales().data();
    MemorySegment offsets = w.offsets().data();
    long w0 = row * w.rowBytes() + from / 2;
    long d0 = w.scaleAt(row) + 4L * from;
    long m0 = w.offsetAt(row) + 4L * from;
    int count = to - from;
    IntVector mask = IntVector.broadcast(INTS, MASK);
    IntVector bias = IntVector.broadcast(INTS, w.codeType().bias());
    for (int lane = 0; lane < HALF; lane += LENGTH) {
      for (int c = 0; c < count; c += CodeType.STEP) {
        long at = (long) c / 2 + lane;
        long f = 4L * (c + lane);
        long g = f + 4 * HALF;
        IntVector codes =
            (IntVector)
                ByteVector.fromMemorySegment(BYTES, data, w0 + at, LITTLE_ENDIAN)
                    .convertShape(ZERO_EXTEND_B2I, INTS, 0);
        ((FloatVector) codes.and(mask).sub(bias).convertShape(I2F, FLOATS, 0))
            .fma(
                FloatVector.fromMemorySegment(FLOATS, scales, d0 + f, LITTLE_ENDIAN),
                FloatVector.fromMemorySegment(FLOATS, offsets, m0 + f, LITTLE_ENDIAN))
            .intoMemorySegment(out, outAt + f, LITTLE_ENDIAN);
        ((FloatVector) codes.lanewise(LSHR, BITS).sub(bias).convertShape(I2F, FLOATS, 0))
            .fma(
                FloatVector.fromMemorySegment(FLOATS, scales, d0 + g, LITTLE_ENDIAN),
                FloatVector.fromMemorySegment(FLOATS, offsets, m0 + g, LITTLE_ENDIAN))
            .intoMemorySegment(out, outAt + g, LITTLE_ENDIAN);
      }
    }
  }

  private static void addFourOfBytes(
      CodedRows w,
      FloatTensor activations,
      int token,
      int[] ids,
      int i,
      MemorySegment ys,
      long yAt,
      int from,
      int to) {
    MemorySegment data = w.codes();
    MemorySegment scales = w.scales().data();
    MemorySegment offsets = w.offsets().data();
    long w0 = ids[i] * w.rowBytes();
    long d0 = w.scaleAt(ids[i]);
    long m0 = w.offsetAt(ids[i]);
    FloatVector a0 = FloatVector.broadcast(FLOATS, activations.get(token, ids[i]));
    long w1 = ids[i + 1] * w.rowBytes();
    long d1 = w.scaleAt(ids[i + 1]);
    long m1 = w.offsetAt(ids[i + 1]);
    FloatVector a1 = FloatVector.broadcast(FLOATS, activations.get(token, ids[i + 1]));
    long w2 = ids[i + 2] * w.rowBytes();
    long d2 = w.scaleAt(ids[i + 2]);
    long m2 = w.offsetAt(ids[i + 2]);
    FloatVector a2 = FloatVector.broadcast(FLOATS, activations.get(token, ids[i + 2]));
    long w3 = ids[i + 3] * w.rowBytes();
    long d3 = w.scaleAt(ids[i + 3]);
    long m3 = w.offsetAt(ids[i + 3]);
    FloatVector a3 = FloatVector.broadcast(FLOATS, activations.get(token, ids[i + 3]));
    for (int c = from; c < to; c += LENGTH) {
      long f = 4L * c;
      FloatVector sum = FloatVector.fromMemorySegment(FLOATS, ys, yAt + f, LITTLE_ENDIAN);
      sum =
          ((FloatVector)
                  ByteVector.fromMemorySegment(BYTES, data, w0 + c, LITTLE_ENDIAN)
                      .convertShape(B2F, FLOATS, 0))
              .fma(
                  FloatVector.fromMemorySegment(FLOATS, scales, d0 + f, LITTLE_ENDIAN),
                  FloatVector.fromMemorySegment(FLOATS, offsets, m0 + f, LITTLE_ENDIAN))
              .fma(a0, sum);
      sum =
          ((FloatVector)
                  ByteVector.fromMemorySegment(BYTES, data, w1 + c, LITTLE_ENDIAN)
                      .convertShape(B2F, FLOATS, 0))
              .fma(
                  FloatVector.fromMemorySegment(FLOATS, scales, d1 + f, LITTLE_ENDIAN),
                  FloatVector.fromMemorySegment(FLOATS, offsets, m1 + f, LITTLE_ENDIAN))
              .fma(a1, sum);
      sum =
          ((FloatVector)
                  ByteVector.fromMemorySegment(BYTES, data, w2 + c, LITTLE_ENDIAN)
                      .convertShape(B2F, FLOATS, 0))
              .fma(
                  FloatVector.fromMemorySegment(FLOATS, scales, d2 + f, LITTLE_ENDIAN),
                  FloatVector.fromMemorySegment(FLOATS, offsets, m2 + f, LITTLE_ENDIAN))
              .fma(a2, sum);
      sum =
          ((FloatVector)
                  ByteVector.fromMemorySegment(BYTES, data, w3 + c, LITTLE_ENDIAN)
                      .convertShape(B2F, FLOATS, 0))
              .fma(
                  FloatVector.fromMemorySegment(FLOATS, scales, d3 + f, LITTLE_ENDIAN),
                  FloatVector.fromMemorySegment(FLOATS, offsets, m3 + f, LITTLE_ENDIAN))
              .fma(a3, sum);
      sum.intoMemorySegment(ys, yAt + f, LITTLE_ENDIAN);
    }
  }

  private static void addOneOfBytes(
      CodedRows w,
      FloatTensor activations,
      int token,
      int[] ids,
      int i,
      MemorySegment ys,
      long yAt,
      int from,
      int to) {
    MemorySegment data = w.codes();
    MemorySegment scales = w.scales().data();
    MemorySegment offsets = w.offsets().data();
    long w0 = ids[i] * w.rowBytes();
    long d0 = w.scaleAt(ids[i]);
    long m0 = w.offsetAt(ids[i]);
    FloatVector a0 = FloatVector.broadcast(FLOATS, activations.get(token, ids[i]));
    for (int c = from; c < to; c += LENGTH) {
      long f = 4L * c;
      FloatVector sum = FloatVector.fromMemorySegment(FLOATS, ys, yAt + f, LITTLE_ENDIAN);
      sum =
          ((FloatVector)
                  ByteVector.fromMemorySegment(BYTES, data, w0 + c, LITTLE_ENDIAN)
                      .convertShape(B2F, FLOATS, 0))
              .fma(
                  FloatVector.fromMemorySegment(FLOATS, scales, d0 + f, LITTLE_ENDIAN),
                  FloatVector.fromMemorySegment(FLOATS, offsets, m0 + f, LITTLE_ENDIAN))
              .fma(a0, sum);
      sum.intoMemorySegment(ys, yAt + f, LITTLE_ENDIAN);
    }
  }

  private static void addFourOfNibbles(
      CodedRows w,
      FloatTensor activations,
      int token,
      int[] ids,
      int i,
      MemorySegment ys,
      long yAt,
      int from,
      int to) {
    MemorySegment data = w.codes();
    MemorySegment scales = w.scales().data();
    MemorySegment offsets = w.offsets().data();
    long w0 = ids[i] * w.rowBytes();
    long d0 = w.scaleAt(ids[i]);
    long m0 = w.offsetAt(ids[i]);
    FloatVector a0 = FloatVector.broadcast(FLOATS, activations.get(token, ids[i]));
    long w1 = ids[i + 1] * w.rowBytes();
    long d1 = w.scaleAt(ids[i + 1]);
    long m1 = w.offsetAt(ids[i + 1]);
    FloatVector a1 = FloatVector.broadcast(FLOATS, activations.get(token, ids[i + 1]));
    long w2 = ids[i + 2] * w.rowBytes();
    long d2 = w.scaleAt(ids[i + 2]);
    long m2 = w.offsetAt(ids[i + 2]);
    FloatVector a2 = FloatVector.broadcast(FLOATS, activations.get(token, ids[i + 2]));
    long w3 = ids[i + 3] * w.rowBytes();
    long d3 = w.scaleAt(ids[i + 3]);
    long m3 = w.offsetAt(ids[i + 3]);
    FloatVector a3 = FloatVector.broadcast(FLOATS, activations.get(token, ids[i + 3]));
    IntVector mask = IntVector.broadcast(INTS, MASK);
    IntVector bias = IntVector.broadcast(INTS, w.codeType().bias());
    for (int lane = 0; lane < HALF; lane += LENGTH) {
      for (int c = from; c < to; c += CodeType.STEP) {
        long at = (long) c / 2 + lane;
        long f = 4L * (c + lane);
        long g = f + 4 * HALF;
        FloatVector low = FloatVector.fromMemorySegment(FLOATS, ys, yAt + f, LITTLE_ENDIAN);
        FloatVector high = FloatVector.fromMemorySegment(FLOATS, ys, yAt + g, LITTLE_ENDIAN);
        IntVector c0 =
            (IntVector)
                ByteVector.fromMemorySegment(BYTES, data, w0 + at, LITTLE_ENDIAN)
                    .convertShape(ZERO_EXTEND_B2I, INTS, 0);
        low =
            ((FloatVector) c0.and(mask).sub(bias).convertShape(I2F, FLOATS, 0))
                .fma(
                    FloatVector.fromMemorySegment(FLOATS, scales, d0 + f, LITTLE_ENDIAN),
                    FloatVector.fromMemorySegment(FLOATS, offsets, m0 + f, LITTLE_ENDIAN))
                .fma(a0, low);
        high =
            ((FloatVector) c0.lanewise(LSHR, BITS).sub(bias).convertShape(I2F, FLOATS, 0))
                .fma(
                    FloatVector.fromMemorySegment(FLOATS, scales, d0 + g, LITTLE_ENDIAN),
                    FloatVector.fromMemorySegment(FLOATS, offsets, m0 + g, LITTLE_ENDIAN))
                .fma(a0, high);
        IntVector c1 =
            (IntVector)
                ByteVector.fromMemorySegment(BYTES, data, w1 + at, LITTLE_ENDIAN)
                    .convertShape(ZERO_EXTEND_B2I, INTS, 0);
        low =
            ((FloatVector) c1.and(mask).sub(bias).convertShape(I2F, FLOATS, 0))
                .fma(
                    FloatVector.fromMemorySegment(FLOATS, scales, d1 + f, LITTLE_ENDIAN),
                    FloatVector.fromMemorySegment(FLOATS, offsets, m1 + f, LITTLE_ENDIAN))
                .fma(a1, low);
        high =
            ((FloatVector) c1.lanewise(LSHR, BITS).sub(bias).convertShape(I2F, FLOATS, 0))
                .fma(
                    FloatVector.fromMemorySegment(FLOATS, scales, d1 + g, LITTLE_ENDIAN),
                    FloatVector.fromMemorySegment(FLOATS, offsets, m1 + g, LITTLE_ENDIAN))
                .fma(a1, high);
        IntVector c2 =
            (IntVector)
                ByteVector.fromMemorySegment(BYTES, data, w2 + at, LITTLE_ENDIAN)
                    .convertShape(ZERO_EXTEND_B2I, INTS, 0);
        low =
            ((FloatVector) c2.and(mask).sub(bias).convertShape(I2F, FLOATS, 0))
                .fma(
                    FloatVector.fromMemorySegment(FLOATS, scales, d2 + f, LITTLE_ENDIAN),
                    FloatVector.fromMemorySegment(FLOATS, offsets, m2 + f, LITTLE_ENDIAN))
                .fma(a2, low);
        high =
            ((FloatVector) c2.lanewise(LSHR, BITS).sub(bias).convertShape(I2F, FLOATS, 0))
                .fma(
                    FloatVector.fromMemorySegment(FLOATS, scales, d2 + g, LITTLE_ENDIAN),
                    FloatVector.fromMemorySegment(FLOATS, offsets, m2 + g, LITTLE_ENDIAN))
                .fma(a2, high);
        IntVector c3 =
            (IntVector)
                ByteVector.fromMemorySegment(BYTES, data, w3 + at, LITTLE_ENDIAN)
                    .convertShape(ZERO_EXTEND_B2I, INTS, 0);
        low =
            ((FloatVector) c3.and(mask).sub(bias).convertShape(I2F, FLOATS, 0))
                .fma(
                    FloatVector.fromMemorySegment(FLOATS, scales, d3 + f, LITTLE_ENDIAN),
                    FloatVector.fromMemorySegment(FLOATS, offsets, m3 + f, LITTLE_ENDIAN))
                .fma(a3, low);
        high =
            ((FloatVector) c3.lanewise(LSHR, BITS).sub(bias).convertShape(I2F, FLOATS, 0))
                .fma(
                    FloatVector.fromMemorySegment(FLOATS, scales, d3 + g, LITTLE_ENDIAN),
                    FloatVector.fromMemorySegment(FLOATS, offsets, m3 + g, LITTLE_ENDIAN))
                .fma(a3, high);
        low.intoMemorySegment(ys, yAt + f, LITTLE_ENDIAN);
        high.intoMemorySegment(ys, yAt + g, LITTLE_ENDIAN);
      }
    }
  }

  private static void addOneOfNibbles(
      CodedRows w,
      FloatTensor activations,
      int token,
      int[] ids,
      int i,
      MemorySegment ys,
      long yAt,
      int from,
      int to) {
    MemorySegment data = w.codes();
    MemorySegment scales = w.scales().data();
    MemorySegment offsets = w.offsets().data();
    long w0 = ids[i] * w.rowBytes();
    long d0 = w.scaleAt(ids[i]);
    long m0 = w.offsetAt(ids[i]);
    FloatVector a0 = FloatVector.broadcast(FLOATS, activations.get(token, ids[i]));
    IntVector mask = IntVector.broadcast(INTS, MASK);
    IntVector bias = IntVector.broadcast(INTS, w.codeType().bias());
    for (int lane = 0; lane < HALF; lane += LENGTH) {
      for (int c = from; c < to; c += CodeType.STEP) {
        long at = (long) c / 2 + lane;
        long f = 4L * (c + lane);
        long g = f + 4 * HALF;
        FloatVector low = FloatVector.fromMemorySegment(FLOATS, ys, yAt + f, LITTLE_ENDIAN);
        FloatVector high = FloatVector.fromMemorySegment(FLOATS, ys, yAt + g, LITTLE_ENDIAN);
        IntVector c0 =
            (IntVector)
                ByteVector.fromMemorySegment(BYTES, data, w0 + at, LITTLE_ENDIAN)
                    .convertShape(ZERO_EXTEND_B2I, INTS, 0);
        low =
            ((FloatVector) c0.and(mask).sub(bias).convertShape(I2F, FLOATS, 0))
                .fma(
                    FloatVector.fromMemorySegment(FLOATS, scales, d0 + f, LITTLE_ENDIAN),
                    FloatVector.fromMemorySegment(FLOATS, offsets, m0 + f, LITTLE_ENDIAN))
                .fma(a0, low);
        high =
            ((FloatVector) c0.lanewise(LSHR, BITS).sub(bias).convertShape(I2F, FLOATS, 0))
                .fma(
                    FloatVector.fromMemorySegment(FLOATS, scales, d0 + g, LITTLE_ENDIAN),
                    FloatVector.fromMemorySegment(FLOATS, offsets, m0 + g, LITTLE_ENDIAN))
                .fma(a0, high);
        low.intoMemorySegment(ys, yAt + f, LITTLE_ENDIAN);
        high.intoMemorySegment(ys, yAt + g, LITTLE_ENDIAN);
      }
    }
  }
}
