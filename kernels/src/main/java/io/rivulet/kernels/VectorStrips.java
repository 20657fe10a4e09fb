package io.rivulet.kernels;

import static io.rivulet.kernels.FloatTensor.FLOAT;
import static io.rivulet.kernels.VectorWidth.FLOATS;
import static io.rivulet.kernels.VectorWidth.LENGTH;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * Quantised weights by vectors: strips of a few rows are decoded to floats that stay in the
 * first-level cache, and multiplied from there. One is in use by one thread.
 *
 * <p>The loops over vectors are methods of their own and flat: a helper that returns a vector may
 * be left uninlined and then allocates.
 */
final class VectorStrips {

  private static final int ROWS = 4;

  /** A multiple of every block size. */
  private static final int COLS = 1024;

  /** One line more than columns: rows 4 KiB apart would look like one address to a processor. */
  private final FloatTensor strip =
      FloatTensor.allocate(Arena.ofAuto(), ROWS, COLS + FloatTensor.ALIGNMENT / Float.BYTES);

  private final VectorDecoder decoder = new VectorDecoder();

  /** A row's lanes after one another. */
  private final float[] sums = new float[ROWS * Lanes.COUNT];

  /** {@code out[token][r] = w[r] . x[token]}, four rows in flight. */
  void multiplyOne(Matrix w, FloatTensor x, int token, FloatTensor out, int rowFrom, int rowTo) {
    for (int r = rowFrom; r < rowTo; r += ROWS) {
      int rows = Math.min(ROWS, rowTo - r);
      clearSums();
      for (int c = 0; c < w.cols(); c += COLS) {
        int count = Math.min(COLS, w.cols() - c);
        decoder.decode(w, r, rows, c, count, strip);
        addOne(strip, count, x.data(), x.offset(token, c), sums);
      }
      for (int i = 0; i < rows; i++) {
        out.data().set(FLOAT, out.offset(token, r + i), Lanes.sum(sums, i * Lanes.COUNT));
      }
    }
  }

  private void clearSums() {
    for (int i = 0; i < sums.length; i++) {
      sums[i] = 0;
    }
  }

  /** Adds the products of four rows of the strip; rows that are not in use give what they give. */
  private static void addOne(
      FloatTensor strip, int count, MemorySegment xs, long xAt, float[] sums) {
    MemorySegment data = strip.data();
    long w1 = strip.offset(1, 0);
    long w2 = strip.offset(2, 0);
    long w3 = strip.offset(3, 0);
    for (int lane = 0; lane < Lanes.COUNT; lane += LENGTH) {
      FloatVector s0 = FloatVector.fromArray(FLOATS, sums, lane);
      FloatVector s1 = FloatVector.fromArray(FLOATS, sums, 16 + lane);
      FloatVector s2 = FloatVector.fromArray(FLOATS, sums, 32 + lane);
      FloatVector s3 = FloatVector.fromArray(FLOATS, sums, 48 + lane);
      for (int c = lane; c < count; c += Lanes.COUNT) {
        FloatVector v = FloatVector.fromMemorySegment(FLOATS, xs, xAt + 4L * c, LITTLE_ENDIAN);
        s0 = FloatVector.fromMemorySegment(FLOATS, data, 4L * c, LITTLE_ENDIAN).fma(v, s0);
        s1 = FloatVector.fromMemorySegment(FLOATS, data, w1 + 4L * c, LITTLE_ENDIAN).fma(v, s1);
        s2 = FloatVector.fromMemorySegment(FLOATS, data, w2 + 4L * c, LITTLE_ENDIAN).fma(v, s2);
        s3 = FloatVector.fromMemorySegment(FLOATS, data, w3 + 4L * c, LITTLE_ENDIAN).fma(v, s3);
      }
      s0.intoArray(sums, lane);
      s1.intoArray(sums, 16 + lane);
      s2.intoArray(sums, 32 + lane);
      s3.intoArray(sums, 48 + lane);
    }
  }
}
