package io.rivulet.kernels;

import static io.rivulet.kernels.FloatTensor.FLOAT;
import static io.rivulet.kernels.VectorWidth.FLOATS;
import static io.rivulet.kernels.VectorWidth.LENGTH;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * F32 weights by vectors.
 *
 * <p>Flat on purpose: a helper that returns a vector may be left uninlined and then allocates. And
 * no method does two things: one that is too large for C1 is never handed on to C2.
 */
final class VectorF32 {

  private VectorF32() {}

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
        s0 = FloatVector.fromMemorySegment(FLOATS, data, w0 + 4L * c, LITTLE_ENDIAN).fma(v, s0);
        s1 = FloatVector.fromMemorySegment(FLOATS, data, w1 + 4L * c, LITTLE_ENDIAN).fma(v, s1);
        s2 = FloatVector.fromMemorySegment(FLOATS, data, w2 + 4L * c, LITTLE_ENDIAN).fma(v, s2);
        s3 = FloatVector.fromMemorySegment(FLOATS, data, w3 + 4L * c, LITTLE_ENDIAN).fma(v, s3);
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
      sum = Math.fma(w.data().get(FLOAT, row + 4L * c), x.data().get(FLOAT, xAt + 4L * c), sum);
    }
    out.data().set(FLOAT, out.offset(token, r), sum);
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
      sum = FloatVector.fromMemorySegment(FLOATS, data, w0 + 4L * c, LITTLE_ENDIAN).fma(a0, sum);
      sum = FloatVector.fromMemorySegment(FLOATS, data, w1 + 4L * c, LITTLE_ENDIAN).fma(a1, sum);
      sum = FloatVector.fromMemorySegment(FLOATS, data, w2 + 4L * c, LITTLE_ENDIAN).fma(a2, sum);
      sum = FloatVector.fromMemorySegment(FLOATS, data, w3 + 4L * c, LITTLE_ENDIAN).fma(a3, sum);
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
    long w0 = id * rowBytes;
    FloatVector a0 = FloatVector.broadcast(FLOATS, activations.get(token, id));
    for (int c = from; c < to; c += LENGTH) {
      FloatVector sum = FloatVector.fromMemorySegment(FLOATS, ys, yAt + 4L * c, LITTLE_ENDIAN);
      sum = FloatVector.fromMemorySegment(FLOATS, data, w0 + 4L * c, LITTLE_ENDIAN).fma(a0, sum);
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
        sum = Math.fma(data.get(FLOAT, row + 4L * c), activations.get(token, ids[i]), sum);
      }
      ys.set(FLOAT, yAt + 4L * c, sum);
    }
  }
}
