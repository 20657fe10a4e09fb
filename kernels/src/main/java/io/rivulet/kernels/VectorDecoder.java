package io.rivulet.kernels;

import static io.rivulet.kernels.VectorWidth.OVERREACH;

import java.lang.foreign.MemorySegment;

/** Decodes rows of a matrix to floats by vectors. One is in use by one thread. */
final class VectorDecoder {

  private final byte[] chosen = new byte[CodebookQuants.GROUP + 8];

  /**
   * Writes {@code count} columns from {@code col} on of the rows from {@code row} on to the first
   * rows of the strip.
   *
   * @param col a multiple of the type's block size, as is count
   */
  void decode(Matrix w, int row, int rows, int col, int count, FloatTensor strip) {
    for (int i = 0; i < rows; i++) {
      decodeRow(w, row + i, col, count, strip.data(), strip.offset(i, 0));
    }
  }

  /** The same for the first {@code rows} of some numbers of rows. */
  void decode(Matrix w, int[] numbers, int rows, int col, int count, FloatTensor strip) {
    for (int i = 0; i < rows; i++) {
      decodeRow(w, numbers[i], col, count, strip.data(), strip.offset(i, 0));
    }
  }

  /**
   * Writes {@code count} columns of a row from {@code col} on. The matrix's last block is decoded
   * without vectors where they would reach past it.
   *
   * @param col a multiple of the type's block size, as is count
   * @param outAt where the floats go, in bytes
   */
  void decodeRow(Matrix w, int row, int col, int count, MemorySegment out, long outAt) {
    WeightType type = w.type();
    MemorySegment data = w.data();
    long at = row * w.rowBytes() + type.rowBytes(col);
    int blocks = count / type.blockSize();
    long end = at + (long) blocks * type.bytesPerBlock();
    if (end + OVERREACH <= data.byteSize()) {
      decodeByVectors(type, data, at, blocks, out, outAt);
    } else {
      decodeByVectors(type, data, at, blocks - 1, out, outAt);
      long last = outAt + (long) (blocks - 1) * type.blockSize() * Float.BYTES;
      WeightCodec.decode(type, data, end - type.bytesPerBlock(), 1, out, last);
    }
  }

  private void decodeByVectors(
      WeightType type, MemorySegment data, long at, int blocks, MemorySegment out, long outAt) {
    switch (type) {
      case F32 -> WeightCodec.decode(type, data, at, blocks, out, outAt);
      case F16 ->
          decodeRest(
              type, data, at, VectorF16.decode(data, at, blocks, out, outAt), blocks, out, outAt);
      case BF16 ->
          decodeRest(
              type, data, at, VectorBf16.decode(data, at, blocks, out, outAt), blocks, out, outAt);
      case Q8_0 -> VectorSimpleQuants.decodeQ8(data, at, blocks, out, outAt);
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

  private static void decodeRest(
      WeightType type, MemorySegment data, long at, int from, int to, MemorySegment out, long y) {
    WeightCodec.decode(type, data, at + type.rowBytes(from), to - from, out, y + 4L * from);
  }
}
