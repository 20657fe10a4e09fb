package io.rivulet.kernels;

import static io.rivulet.kernels.FloatTensor.FLOAT;
import static io.rivulet.kernels.VectorWidth.FLOATS;
import static io.rivulet.kernels.VectorWidth.LENGTH;
import static io.rivulet.kernels.VectorWidth.OVERREACH;
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

  private final byte[] chosen = new byte[CodebookQuants.GROUP + 8];

  /** A row's lanes after one another; with a tile, those of its four tokens. */
  private final float[] sums = new float[2 * ROWS * Lanes.COUNT];

  /** {@code out[token][r] = w[r] . x[token]}, four rows in flight. */
  void multiplyOne(Matrix w, FloatTensor x, int token, FloatTensor out, int rowFrom, int rowTo) {
    for (int r = rowFrom; r < rowTo; r += ROWS) {
      int rows = Math.min(ROWS, rowTo - r);
      clearSums();
      for (int c = 0; c < w.cols(); c += COLS) {
        int count = Math.min(COLS, w.cols() - c);
        decode(w, r, rows, c, count);
        addOne(strip, count, x.data(), x.offset(token, c), sums);
      }
      for (int i = 0; i < rows; i++) {
        out.data().set(FLOAT, out.offset(token, r + i), Lanes.sum(sums, i * Lanes.COUNT));
      }
    }
  }

  /** The same for two to four tokens at once, two rows in flight. */
  void multiplyTile(
      Matrix w, FloatTensor x, int first, int last, FloatTensor out, int rowFrom, int rowTo) {
    for (int r = rowFrom; r < rowTo; r += 2) {
      int rows = Math.min(2, rowTo - r);
      clearSums();
      for (int c = 0; c < w.cols(); c += COLS) {
        int count = Math.min(COLS, w.cols() - c);
        decode(w, r, rows, c, count);
        addTile(strip, count, x, first, last, c, sums);
      }
      for (int i = 0; i < rows; i++) {
        for (int token = first; token <= last; token++) {
          float sum = Lanes.sum(sums, (i * CheckedKernels.TILE + token - first) * Lanes.COUNT);
          out.data().set(FLOAT, out.offset(token, r + i), sum);
        }
      }
    }
  }

  private void clearSums() {
    for (int i = 0; i < sums.length; i++) {
      sums[i] = 0;
    }
  }

  private void decode(Matrix w, int row, int rows, int col, int count) {
    WeightType type = w.type();
    for (int i = 0; i < rows; i++) {
      long at = (row + i) * w.rowBytes() + type.rowBytes(col);
      decode(type, w.data(), at, count / type.blockSize(), strip.offset(i, 0));
    }
  }

  /** The matrix's last block is decoded without vectors where they would reach past it. */
  private void decode(WeightType type, MemorySegment data, long at, int blocks, long outAt) {
    long end = at + (long) blocks * type.bytesPerBlock();
    if (end + OVERREACH <= data.byteSize()) {
      decodeByVectors(type, data, at, blocks, outAt);
    } else {
      decodeByVectors(type, data, at, blocks - 1, outAt);
      long last = outAt + (long) (blocks - 1) * type.blockSize() * Float.BYTES;
      WeightCodec.decode(type, data, end - type.bytesPerBlock(), 1, strip.data(), last);
    }
  }

  private void decodeByVectors(
      WeightType type, MemorySegment data, long at, int blocks, long outAt) {
    MemorySegment out = strip.data();
    switch (type) {
      case F32, F16, BF16, Q8_0 -> WeightCodec.decode(type, data, at, blocks, out, outAt);
      case Q4_0 -> VectorSimpleQuants.decodeQ40(data, at, blocks, out, outAt);
      case Q4_1 -> VectorSimpleQuants.decodeQ41(data, at, blocks, out, outAt);
      case Q5_0 -> VectorSimpleQuants.decodeQ50(data, at, blocks, out, outAt);
      case Q5_1 -> VectorSimpleQuants.decodeQ51(data, at, blocks, out, outAt);
      case Q2_K -> VectorKQuants.decodeQ2(data, at, blocks, out, outAt);
      case Q3_K -> VectorKQuants.decodeQ3(data, at, blocks, out, outAt);
      case Q4_K -> VectorKQuants.decodeQ4(data, at, blocks, out, outAt);
      case Q5_K -> VectorKQuants.decodeQ5(data, at, blocks, out, outAt);
      case Q6_K -> VectorKQuants.decodeQ6(data, at, blocks, out, outAt);
      case IQ4_NL -> VectorCodebookQuants.decodeNl(data, at, blocks, out, outAt, chosen);
      case IQ4_XS -> VectorCodebookQuants.decodeXs(data, at, blocks, out, outAt, chosen);
      case TQ1_0 -> VectorTernaryQuants.decodeTq1(data, at, blocks, out, outAt);
      case TQ2_0 -> VectorTernaryQuants.decodeTq2(data, at, blocks, out, outAt);
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

  /** Adds the products of two rows of the strip with four tokens; missing ones repeat the last. */
  private static void addTile(
      FloatTensor strip, int count, FloatTensor x, int first, int last, int col, float[] sums) {
    MemorySegment data = strip.data();
    MemorySegment xs = x.data();
    long w1 = strip.offset(1, 0);
    long x0 = x.offset(first, col);
    long x1 = x.offset(Math.min(first + 1, last), col);
    long x2 = x.offset(Math.min(first + 2, last), col);
    long x3 = x.offset(last, col);
    for (int lane = 0; lane < Lanes.COUNT; lane += LENGTH) {
      FloatVector s00 = FloatVector.fromArray(FLOATS, sums, lane);
      FloatVector s01 = FloatVector.fromArray(FLOATS, sums, 16 + lane);
      FloatVector s02 = FloatVector.fromArray(FLOATS, sums, 32 + lane);
      FloatVector s03 = FloatVector.fromArray(FLOATS, sums, 48 + lane);
      FloatVector s10 = FloatVector.fromArray(FLOATS, sums, 64 + lane);
      FloatVector s11 = FloatVector.fromArray(FLOATS, sums, 80 + lane);
      FloatVector s12 = FloatVector.fromArray(FLOATS, sums, 96 + lane);
      FloatVector s13 = FloatVector.fromArray(FLOATS, sums, 112 + lane);
      for (int c = lane; c < count; c += Lanes.COUNT) {
        FloatVector r0 = FloatVector.fromMemorySegment(FLOATS, data, 4L * c, LITTLE_ENDIAN);
        FloatVector r1 = FloatVector.fromMemorySegment(FLOATS, data, w1 + 4L * c, LITTLE_ENDIAN);
        FloatVector v0 = FloatVector.fromMemorySegment(FLOATS, xs, x0 + 4L * c, LITTLE_ENDIAN);
        s00 = r0.fma(v0, s00);
        s10 = r1.fma(v0, s10);
        FloatVector v1 = FloatVector.fromMemorySegment(FLOATS, xs, x1 + 4L * c, LITTLE_ENDIAN);
        s01 = r0.fma(v1, s01);
        s11 = r1.fma(v1, s11);
        FloatVector v2 = FloatVector.fromMemorySegment(FLOATS, xs, x2 + 4L * c, LITTLE_ENDIAN);
        s02 = r0.fma(v2, s02);
        s12 = r1.fma(v2, s12);
        FloatVector v3 = FloatVector.fromMemorySegment(FLOATS, xs, x3 + 4L * c, LITTLE_ENDIAN);
        s03 = r0.fma(v3, s03);
        s13 = r1.fma(v3, s13);
      }
      s00.intoArray(sums, lane);
      s01.intoArray(sums, 16 + lane);
      s02.intoArray(sums, 32 + lane);
      s03.intoArray(sums, 48 + lane);
      s10.intoArray(sums, 64 + lane);
      s11.intoArray(sums, 80 + lane);
      s12.intoArray(sums, 96 + lane);
      s13.intoArray(sums, 112 + lane);
    }
  }
}
