package io.rivulet.kernels;

import static io.rivulet.kernels.FloatTensor.FLOAT;
import static io.rivulet.kernels.VectorWidth.FLOATS;
import static io.rivulet.kernels.VectorWidth.LENGTH;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * Matrix times several tokens by vectors. A strip of some rows and columns is decoded to floats
 * once for all tokens, and multiplied by tiles of a few rows and {@link #TOKENS} tokens whose
 * partial sums stay in registers. What a tile reads of its tokens stays in the first-level cache
 * for all rows, the strip in the second-level cache for all tokens. One is in use by one thread.
 *
 * <p>The loops over vectors are methods of their own and flat: a helper that returns a vector may
 * be left uninlined and then allocates.
 */
final class VectorTiles {

  /** Rows of a strip. */
  private static final int ROWS = 2 * VectorSums.GROUP;

  /** Rows of the largest tile. */
  private static final int TILE_ROWS = 4;

  /** Columns of a strip, a multiple of every block size. */
  private static final int COLS = 1024;

  /** Tokens of a tile; with four rows of 512 bits, 29 of 32 registers are in use. */
  private static final int TOKENS = 5;

  /** Tokens that a strip serves before it is decoded again. */
  private static final int MOST_TOKENS = 32 * TOKENS;

  private static final int TOKEN_SUMS = ROWS * Lanes.COUNT;

  /** One line more than columns: rows 4 KiB apart would look like one address to a processor. */
  private final FloatTensor strip =
      FloatTensor.allocate(Arena.ofAuto(), ROWS, COLS + FloatTensor.ALIGNMENT / Float.BYTES);

  /** Which rows of the matrix the strip has. */
  private final int[] stripRows = new int[ROWS];

  /** Partial sums of each token, for each row, in {@link Lanes}. */
  private final float[] sums = new float[MOST_TOKENS * TOKEN_SUMS];

  private final VectorDecoder decoder = new VectorDecoder();

  /** {@code out[i][r] = w[r] . x[i]} for i from 0 to count - 1 and r from rowFrom to rowTo - 1. */
  void multiply(Matrix w, FloatTensor x, int count, FloatTensor out, int rowFrom, int rowTo) {
    for (int row = rowFrom; row < rowTo; row += ROWS) {
      int rows = Math.min(ROWS, rowTo - row);
      for (int r = 0; r < rows; r++) {
        stripRows[r] = row + r;
      }
      multiplyStrip(w, rows, x, count, out);
    }
  }

  /** The same for the rows {@code ids[i]}, i from {@code from} to {@code to} - 1. */
  void multiply(Matrix w, FloatTensor x, int count, int[] ids, int from, int to, FloatTensor out) {
    for (int i = from; i < to; i += ROWS) {
      int rows = Math.min(ROWS, to - i);
      System.arraycopy(ids, i, stripRows, 0, rows);
      multiplyStrip(w, rows, x, count, out);
    }
  }

  private void multiplyStrip(Matrix w, int rows, FloatTensor x, int count, FloatTensor out) {
    for (int token = 0; token < count; token += MOST_TOKENS) {
      int last = Math.min(count, token + MOST_TOKENS) - 1;
      addRows(w, rows, x, token, last);
      finish(w, rows, x, token, last, out);
    }
  }

  private void addRows(Matrix w, int rows, FloatTensor x, int first, int last) {
    boolean together = stripRows[rows - 1] - stripRows[0] == rows - 1;
    int even = Lanes.evenPart(w.cols());
    Arrays.fill(sums, 0, (last - first + 1) * TOKEN_SUMS, 0);
    for (int col = 0; col < even; col += COLS) {
      int cols = Math.min(COLS, even - col);
      if (w.type() == WeightType.F32 && together && rows % TILE_ROWS == 0) {
        long at = stripRows[0] * w.rowBytes() + 4L * col;
        addStrip(w.data(), at, w.rowBytes(), rows, x, first, last, col, cols);
      } else {
        decoder.decode(w, stripRows, rows, col, cols, strip);
        addStrip(strip.data(), 0, strip.offset(1, 0), rows, x, first, last, col, cols);
      }
    }
  }

  /** Adds the products of a strip with all tokens; the missing ones of a tile repeat the last. */
  private void addStrip(
      MemorySegment strip,
      long at,
      long rowBytes,
      int rows,
      FloatTensor x,
      int first,
      int last,
      int col,
      int cols) {
    if (LENGTH == Lanes.COUNT) {
      addWide(strip, at, rowBytes, rows, x, first, last, col, cols, sums);
    } else {
      addNarrow(strip, at, rowBytes, rows, x, first, last, col, cols, sums);
    }
  }

  /** Adds the lanes up, and the columns that do not fill them. */
  private void finish(Matrix w, int rows, FloatTensor x, int first, int last, FloatTensor out) {
    for (int token = first; token <= last; token++) {
      for (int r = 0; r < rows; r += VectorSums.GROUP) {
        int at = (token - first) * TOKEN_SUMS + r * Lanes.COUNT;
        VectorSums.add(sums, at);
        for (int i = 0; i < Math.min(VectorSums.GROUP, rows - r); i++) {
          float dot = sums[at + VectorSums.offset(i)];
          out.data().set(FLOAT, out.offset(token, stripRows[r + i]), dot);
        }
      }
    }
    int even = Lanes.evenPart(w.cols());
    if (even < w.cols()) {
      decoder.decode(w, stripRows, rows, even, w.cols() - even, strip);
      addRest(rows, x, first, last, even, w.cols() - even, out);
    }
  }

  private void addRest(
      int rows, FloatTensor x, int first, int last, int col, int cols, FloatTensor out) {
    for (int token = first; token <= last; token++) {
      for (int r = 0; r < rows; r++) {
        long at = out.offset(token, stripRows[r]);
        float sum = out.data().get(FLOAT, at);
        for (int c = 0; c < cols; c++) {
          float weight = strip.data().get(FLOAT, strip.offset(r, c));
          sum = Math.fma(weight, x.data().get(FLOAT, x.offset(token, col + c)), sum);
        }
        out.data().set(FLOAT, at, sum);
      }
    }
  }

  /** Four rows at a time, all lanes in a vector; rows that are missing give what they give. */
  private static void addWide(
      MemorySegment w,
      long at,
      long rowBytes,
      int rows,
      FloatTensor x,
      int first,
      int last,
      int col,
      int cols,
      float[] sums) {
    MemorySegment xs = x.data();
    for (int token = first; token <= last; token += TOKENS) {
      long x0 = x.offset(token, col);
      long x1 = x.offset(Math.min(token + 1, last), col);
      long x2 = x.offset(Math.min(token + 2, last), col);
      long x3 = x.offset(Math.min(token + 3, last), col);
      long x4 = x.offset(Math.min(token + 4, last), col);
      int sumsAt = (token - first) * TOKEN_SUMS;
      for (int r = 0; r < rows; r += 4) {
        long w0 = at + r * rowBytes;
        long w1 = w0 + rowBytes;
        long w2 = w1 + rowBytes;
        long w3 = w2 + rowBytes;
        int s0 = sumsAt + r * Lanes.COUNT;
        int s1 = s0 + TOKEN_SUMS;
        int s2 = s1 + TOKEN_SUMS;
        int s3 = s2 + TOKEN_SUMS;
        int s4 = s3 + TOKEN_SUMS;
        FloatVector a00 = FloatVector.fromArray(FLOATS, sums, s0);
        FloatVector a10 = FloatVector.fromArray(FLOATS, sums, s0 + 16);
        FloatVector a20 = FloatVector.fromArray(FLOATS, sums, s0 + 32);
        FloatVector a30 = FloatVector.fromArray(FLOATS, sums, s0 + 48);
        FloatVector a01 = FloatVector.fromArray(FLOATS, sums, s1);
        FloatVector a11 = FloatVector.fromArray(FLOATS, sums, s1 + 16);
        FloatVector a21 = FloatVector.fromArray(FLOATS, sums, s1 + 32);
        FloatVector a31 = FloatVector.fromArray(FLOATS, sums, s1 + 48);
        FloatVector a02 = FloatVector.fromArray(FLOATS, sums, s2);
        FloatVector a12 = FloatVector.fromArray(FLOATS, sums, s2 + 16);
        FloatVector a22 = FloatVector.fromArray(FLOATS, sums, s2 + 32);
        FloatVector a32 = FloatVector.fromArray(FLOATS, sums, s2 + 48);
        FloatVector a03 = FloatVector.fromArray(FLOATS, sums, s3);
        FloatVector a13 = FloatVector.fromArray(FLOATS, sums, s3 + 16);
        FloatVector a23 = FloatVector.fromArray(FLOATS, sums, s3 + 32);
        FloatVector a33 = FloatVector.fromArray(FLOATS, sums, s3 + 48);
        FloatVector a04 = FloatVector.fromArray(FLOATS, sums, s4);
        FloatVector a14 = FloatVector.fromArray(FLOATS, sums, s4 + 16);
        FloatVector a24 = FloatVector.fromArray(FLOATS, sums, s4 + 32);
        FloatVector a34 = FloatVector.fromArray(FLOATS, sums, s4 + 48);
        for (int c = 0; c < cols; c += LENGTH) {
          FloatVector r0 = FloatVector.fromMemorySegment(FLOATS, w, w0 + 4L * c, LITTLE_ENDIAN);
          FloatVector r1 = FloatVector.fromMemorySegment(FLOATS, w, w1 + 4L * c, LITTLE_ENDIAN);
          FloatVector r2 = FloatVector.fromMemorySegment(FLOATS, w, w2 + 4L * c, LITTLE_ENDIAN);
          FloatVector r3 = FloatVector.fromMemorySegment(FLOATS, w, w3 + 4L * c, LITTLE_ENDIAN);
          FloatVector v0 = FloatVector.fromMemorySegment(FLOATS, xs, x0 + 4L * c, LITTLE_ENDIAN);
          a00 = r0.fma(v0, a00);
          a10 = r1.fma(v0, a10);
          a20 = r2.fma(v0, a20);
          a30 = r3.fma(v0, a30);
          FloatVector v1 = FloatVector.fromMemorySegment(FLOATS, xs, x1 + 4L * c, LITTLE_ENDIAN);
          a01 = r0.fma(v1, a01);
          a11 = r1.fma(v1, a11);
          a21 = r2.fma(v1, a21);
          a31 = r3.fma(v1, a31);
          FloatVector v2 = FloatVector.fromMemorySegment(FLOATS, xs, x2 + 4L * c, LITTLE_ENDIAN);
          a02 = r0.fma(v2, a02);
          a12 = r1.fma(v2, a12);
          a22 = r2.fma(v2, a22);
          a32 = r3.fma(v2, a32);
          FloatVector v3 = FloatVector.fromMemorySegment(FLOATS, xs, x3 + 4L * c, LITTLE_ENDIAN);
          a03 = r0.fma(v3, a03);
          a13 = r1.fma(v3, a13);
          a23 = r2.fma(v3, a23);
          a33 = r3.fma(v3, a33);
          FloatVector v4 = FloatVector.fromMemorySegment(FLOATS, xs, x4 + 4L * c, LITTLE_ENDIAN);
          a04 = r0.fma(v4, a04);
          a14 = r1.fma(v4, a14);
          a24 = r2.fma(v4, a24);
          a34 = r3.fma(v4, a34);
        }
        a00.intoArray(sums, s0);
        a10.intoArray(sums, s0 + 16);
        a20.intoArray(sums, s0 + 32);
        a30.intoArray(sums, s0 + 48);
        a01.intoArray(sums, s1);
        a11.intoArray(sums, s1 + 16);
        a21.intoArray(sums, s1 + 32);
        a31.intoArray(sums, s1 + 48);
        a02.intoArray(sums, s2);
        a12.intoArray(sums, s2 + 16);
        a22.intoArray(sums, s2 + 32);
        a32.intoArray(sums, s2 + 48);
        a03.intoArray(sums, s3);
        a13.intoArray(sums, s3 + 16);
        a23.intoArray(sums, s3 + 32);
        a33.intoArray(sums, s3 + 48);
        a04.intoArray(sums, s4);
        a14.intoArray(sums, s4 + 16);
        a24.intoArray(sums, s4 + 32);
        a34.intoArray(sums, s4 + 48);
      }
    }
  }

  /** Two rows at a time, some lanes after others, with the 16 registers of 256 bits in mind. */
  private static void addNarrow(
      MemorySegment w,
      long at,
      long rowBytes,
      int rows,
      FloatTensor x,
      int first,
      int last,
      int col,
      int cols,
      float[] sums) {
    MemorySegment xs = x.data();
    for (int token = first; token <= last; token += TOKENS) {
      long x0 = x.offset(token, col);
      long x1 = x.offset(Math.min(token + 1, last), col);
      long x2 = x.offset(Math.min(token + 2, last), col);
      long x3 = x.offset(Math.min(token + 3, last), col);
      long x4 = x.offset(Math.min(token + 4, last), col);
      int sumsAt = (token - first) * TOKEN_SUMS;
      for (int r = 0; r < rows; r += 2) {
        long w0 = at + r * rowBytes;
        long w1 = w0 + rowBytes;
        for (int lane = 0; lane < Lanes.COUNT; lane += LENGTH) {
          int s0 = sumsAt + r * Lanes.COUNT + lane;
          int s1 = s0 + TOKEN_SUMS;
          int s2 = s1 + TOKEN_SUMS;
          int s3 = s2 + TOKEN_SUMS;
          int s4 = s3 + TOKEN_SUMS;
          FloatVector a00 = FloatVector.fromArray(FLOATS, sums, s0);
          FloatVector a10 = FloatVector.fromArray(FLOATS, sums, s0 + 16);
          FloatVector a01 = FloatVector.fromArray(FLOATS, sums, s1);
          FloatVector a11 = FloatVector.fromArray(FLOATS, sums, s1 + 16);
          FloatVector a02 = FloatVector.fromArray(FLOATS, sums, s2);
          FloatVector a12 = FloatVector.fromArray(FLOATS, sums, s2 + 16);
          FloatVector a03 = FloatVector.fromArray(FLOATS, sums, s3);
          FloatVector a13 = FloatVector.fromArray(FLOATS, sums, s3 + 16);
          FloatVector a04 = FloatVector.fromArray(FLOATS, sums, s4);
          FloatVector a14 = FloatVector.fromArray(FLOATS, sums, s4 + 16);
          for (int c = lane; c < cols; c += Lanes.COUNT) {
            FloatVector r0 = FloatVector.fromMemorySegment(FLOATS, w, w0 + 4L * c, LITTLE_ENDIAN);
            FloatVector r1 = FloatVector.fromMemorySegment(FLOATS, w, w1 + 4L * c, LITTLE_ENDIAN);
            FloatVector v0 = FloatVector.fromMemorySegment(FLOATS, xs, x0 + 4L * c, LITTLE_ENDIAN);
            a00 = r0.fma(v0, a00);
            a10 = r1.fma(v0, a10);
            FloatVector v1 = FloatVector.fromMemorySegment(FLOATS, xs, x1 + 4L * c, LITTLE_ENDIAN);
            a01 = r0.fma(v1, a01);
            a11 = r1.fma(v1, a11);
            FloatVector v2 = FloatVector.fromMemorySegment(FLOATS, xs, x2 + 4L * c, LITTLE_ENDIAN);
            a02 = r0.fma(v2, a02);
            a12 = r1.fma(v2, a12);
            FloatVector v3 = FloatVector.fromMemorySegment(FLOATS, xs, x3 + 4L * c, LITTLE_ENDIAN);
            a03 = r0.fma(v3, a03);
            a13 = r1.fma(v3, a13);
            FloatVector v4 = FloatVector.fromMemorySegment(FLOATS, xs, x4 + 4L * c, LITTLE_ENDIAN);
            a04 = r0.fma(v4, a04);
            a14 = r1.fma(v4, a14);
          }
          a00.intoArray(sums, s0);
          a10.intoArray(sums, s0 + 16);
          a01.intoArray(sums, s1);
          a11.intoArray(sums, s1 + 16);
          a02.intoArray(sums, s2);
          a12.intoArray(sums, s2 + 16);
          a03.intoArray(sums, s3);
          a13.intoArray(sums, s3 + 16);
          a04.intoArray(sums, s4);
          a14.intoArray(sums, s4 + 16);
        }
      }
    }
  }
}
