package io.rivulet.kernels;

import static io.rivulet.kernels.FloatTensor.FLOAT;
import static io.rivulet.kernels.VectorWidth.FLOATS;
import static io.rivulet.kernels.VectorWidth.LENGTH;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * Scores of a block of keys, a position a lane, and sums of a block of values, a column a lane.
 *
 * <p>Flat on purpose: a helper that returns a vector may be left uninlined and then allocates. And
 * no method does two things: one that is too large for C1 is never handed on to C2.
 */
final class VectorAttention {

  private static final int BLOCK = KeyValueBlocks.POSITIONS;
  private static final long NEXT = (long) LENGTH * Float.BYTES;

  private VectorAttention() {}

  /** Four queries by twice as many positions as a vector has lanes, until the block is done. */
  static void scoreBlock(
      MemorySegment keys,
      long keysAt,
      int headSize,
      MemorySegment queries,
      long q0,
      long q1,
      long q2,
      long q3,
      float scale,
      FloatTensor scores,
      int column) {
    MemorySegment ys = scores.data();
    long row = (long) scores.stride() * Float.BYTES;
    for (int p = 0; p < BLOCK; p += 2 * LENGTH) {
      FloatVector s00 = FloatVector.zero(FLOATS);
      FloatVector s01 = FloatVector.zero(FLOATS);
      FloatVector s10 = FloatVector.zero(FLOATS);
      FloatVector s11 = FloatVector.zero(FLOATS);
      FloatVector s20 = FloatVector.zero(FLOATS);
      FloatVector s21 = FloatVector.zero(FLOATS);
      FloatVector s30 = FloatVector.zero(FLOATS);
      FloatVector s31 = FloatVector.zero(FLOATS);
      long first = keysAt + 4L * p;
      for (int c = 0; c < headSize; c++) {
        long at = first + 4L * BLOCK * c;
        FloatVector k0 = FloatVector.fromMemorySegment(FLOATS, keys, at, LITTLE_ENDIAN);
        FloatVector k1 = FloatVector.fromMemorySegment(FLOATS, keys, at + NEXT, LITTLE_ENDIAN);
        FloatVector v0 = FloatVector.broadcast(FLOATS, queries.get(FLOAT, q0 + 4L * c));
        s00 = k0.fma(v0, s00);
        s01 = k1.fma(v0, s01);
        FloatVector v1 = FloatVector.broadcast(FLOATS, queries.get(FLOAT, q1 + 4L * c));
        s10 = k0.fma(v1, s10);
        s11 = k1.fma(v1, s11);
        FloatVector v2 = FloatVector.broadcast(FLOATS, queries.get(FLOAT, q2 + 4L * c));
        s20 = k0.fma(v2, s20);
        s21 = k1.fma(v2, s21);
        FloatVector v3 = FloatVector.broadcast(FLOATS, queries.get(FLOAT, q3 + 4L * c));
        s30 = k0.fma(v3, s30);
        s31 = k1.fma(v3, s31);
      }
      long y = scores.offset(0, column + p);
      s00.mul(scale).intoMemorySegment(ys, y, LITTLE_ENDIAN);
      s01.mul(scale).intoMemorySegment(ys, y + NEXT, LITTLE_ENDIAN);
      s10.mul(scale).intoMemorySegment(ys, y + row, LITTLE_ENDIAN);
      s11.mul(scale).intoMemorySegment(ys, y + row + NEXT, LITTLE_ENDIAN);
      s20.mul(scale).intoMemorySegment(ys, y + 2 * row, LITTLE_ENDIAN);
      s21.mul(scale).intoMemorySegment(ys, y + 2 * row + NEXT, LITTLE_ENDIAN);
      s30.mul(scale).intoMemorySegment(ys, y + 3 * row, LITTLE_ENDIAN);
      s31.mul(scale).intoMemorySegment(ys, y + 3 * row + NEXT, LITTLE_ENDIAN);
    }
  }

  /** Four queries by two vectors of columns; columns that do not fill two are left to mixOne. */
  static int mixFour(
      MemorySegment values,
      long valuesAt,
      int headSize,
      int positions,
      FloatTensor weights,
      int column,
      int last,
      MemorySegment ys,
      long y0,
      long y1,
      long y2,
      long y3) {
    MemorySegment ws = weights.data();
    long w0 = weights.offset(0, column);
    long w1 = weights.offset(Math.min(1, last), column);
    long w2 = weights.offset(Math.min(2, last), column);
    long w3 = weights.offset(last, column);
    long stride = 4L * headSize;
    int c = 0;
    for (; c + 2 * LENGTH <= headSize; c += 2 * LENGTH) {
      long first = valuesAt + 4L * c;
      long at0 = y0 + 4L * c;
      long at1 = y1 + 4L * c;
      long at2 = y2 + 4L * c;
      long at3 = y3 + 4L * c;
      FloatVector s00 = FloatVector.fromMemorySegment(FLOATS, ys, at0, LITTLE_ENDIAN);
      FloatVector s01 = FloatVector.fromMemorySegment(FLOATS, ys, at0 + NEXT, LITTLE_ENDIAN);
      FloatVector s10 = FloatVector.fromMemorySegment(FLOATS, ys, at1, LITTLE_ENDIAN);
      FloatVector s11 = FloatVector.fromMemorySegment(FLOATS, ys, at1 + NEXT, LITTLE_ENDIAN);
      FloatVector s20 = FloatVector.fromMemorySegment(FLOATS, ys, at2, LITTLE_ENDIAN);
      FloatVector s21 = FloatVector.fromMemorySegment(FLOATS, ys, at2 + NEXT, LITTLE_ENDIAN);
      FloatVector s30 = FloatVector.fromMemorySegment(FLOATS, ys, at3, LITTLE_ENDIAN);
      FloatVector s31 = FloatVector.fromMemorySegment(FLOATS, ys, at3 + NEXT, LITTLE_ENDIAN);
      for (int p = 0; p < positions; p++) {
        long at = first + stride * p;
        FloatVector v0 = FloatVector.fromMemorySegment(FLOATS, values, at, LITTLE_ENDIAN);
        FloatVector v1 = FloatVector.fromMemorySegment(FLOATS, values, at + NEXT, LITTLE_ENDIAN);
        FloatVector a0 = FloatVector.broadcast(FLOATS, ws.get(FLOAT, w0 + 4L * p));
        s00 = v0.fma(a0, s00);
        s01 = v1.fma(a0, s01);
        FloatVector a1 = FloatVector.broadcast(FLOATS, ws.get(FLOAT, w1 + 4L * p));
        s10 = v0.fma(a1, s10);
        s11 = v1.fma(a1, s11);
        FloatVector a2 = FloatVector.broadcast(FLOATS, ws.get(FLOAT, w2 + 4L * p));
        s20 = v0.fma(a2, s20);
        s21 = v1.fma(a2, s21);
        FloatVector a3 = FloatVector.broadcast(FLOATS, ws.get(FLOAT, w3 + 4L * p));
        s30 = v0.fma(a3, s30);
        s31 = v1.fma(a3, s31);
      }
      s00.intoMemorySegment(ys, at0, LITTLE_ENDIAN);
      s01.intoMemorySegment(ys, at0 + NEXT, LITTLE_ENDIAN);
      s10.intoMemorySegment(ys, at1, LITTLE_ENDIAN);
      s11.intoMemorySegment(ys, at1 + NEXT, LITTLE_ENDIAN);
      s20.intoMemorySegment(ys, at2, LITTLE_ENDIAN);
      s21.intoMemorySegment(ys, at2 + NEXT, LITTLE_ENDIAN);
      s30.intoMemorySegment(ys, at3, LITTLE_ENDIAN);
      s31.intoMemorySegment(ys, at3 + NEXT, LITTLE_ENDIAN);
    }
    return c;
  }

  /** One query, the columns from {@code from} on. */
  static void mixOne(
      MemorySegment values,
      long valuesAt,
      int from,
      int headSize,
      int positions,
      MemorySegment ws,
      long w,
      MemorySegment ys,
      long y) {
    long stride = 4L * headSize;
    int c = from;
    for (; c + LENGTH <= headSize; c += LENGTH) {
      long first = valuesAt + 4L * c;
      FloatVector sum = FloatVector.fromMemorySegment(FLOATS, ys, y + 4L * c, LITTLE_ENDIAN);
      for (int p = 0; p < positions; p++) {
        sum =
            FloatVector.fromMemorySegment(FLOATS, values, first + stride * p, LITTLE_ENDIAN)
                .fma(FloatVector.broadcast(FLOATS, ws.get(FLOAT, w + 4L * p)), sum);
      }
      sum.intoMemorySegment(ys, y + 4L * c, LITTLE_ENDIAN);
    }
    ScalarKernels.mix(values, valuesAt, c, headSize, positions, ws, w, ys, y);
  }
}
