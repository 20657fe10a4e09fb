package io.rivulet.kernels;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * From stored weights to float32 and back, for embeddings, tools and loading; not for hot loops.
 */
public final class WeightCodec {

  static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private static final int BLOCK = WeightType.Q8_0.blockSize();
  private static final int BLOCK_BYTES = WeightType.Q8_0.bytesPerBlock();
  private static final int TRANSPOSE_ROWS = 64;

  private WeightCodec() {}

  /** Writes the weights of a row, exactly, to the first columns of a row of activations. */
  public static void decodeRow(Matrix weights, int row, FloatTensor out, int outRow) {
    Objects.checkIndex(row, weights.rows());
    Objects.checkIndex(outRow, out.rows());
    Objects.checkFromIndexSize(0, weights.cols(), out.cols());
    long from = row * weights.rowBytes();
    long to = out.offset(outRow, 0);
    for (int c = 0; c < weights.cols(); c++) {
      float value = decode(weights.type(), weights.data(), from, c);
      out.data().set(FloatTensor.FLOAT, to + (long) c * Float.BYTES, value);
    }
  }

  /**
   * Stores the first columns of a row of activations, rounded to nearest, as a row of weights. A
   * Q8_0 block takes the largest magnitude over 127 as its scale.
   *
   * @param cols how many columns, a multiple of the type's block size
   * @param offset where in the segment the row begins, in bytes
   */
  public static void encodeRow(
      FloatTensor in, int inRow, int cols, WeightType type, MemorySegment data, long offset) {
    Objects.checkIndex(inRow, in.rows());
    Objects.checkFromIndexSize(0, cols, in.cols());
    Objects.checkFromIndexSize(offset, type.rowBytes(cols), data.byteSize());
    switch (type) {
      case F32 ->
          MemorySegment.copy(
              in.data(), in.offset(inRow, 0), data, offset, (long) cols * Float.BYTES);
      case F16 -> {
        for (int c = 0; c < cols; c++) {
          data.set(SHORT, offset + 2L * c, Float.floatToFloat16(in.get(inRow, c)));
        }
      }
      case BF16 -> {
        for (int c = 0; c < cols; c++) {
          data.set(SHORT, offset + 2L * c, floatToBfloat16(in.get(inRow, c)));
        }
      }
      case Q8_0 -> {
        for (int c = 0; c < cols; c += BLOCK) {
          encodeBlock(in, inRow, c, data, offset + (long) c / BLOCK * BLOCK_BYTES);
        }
      }
    }
  }

  /**
   * The transposed matrix in memory of its own. On all cores, some of its rows each.
   *
   * @param type what to store the result as, without blocks
   * @param arena lives as long as the result, open to all threads
   */
  static Matrix transpose(Matrix matrix, WeightType type, Arena arena) {
    int rows = matrix.cols();
    int cols = matrix.rows();
    long bytes = Math.multiplyExact(type.rowBytes(cols), (long) rows);
    Matrix result = new Matrix(type, rows, cols, arena.allocate(bytes, FloatTensor.ALIGNMENT));
    int strips = Math.ceilDiv(rows, TRANSPOSE_ROWS);
    IntStream.range(0, strips)
        .parallel()
        .forEach(strip -> transpose(matrix, result, strip * TRANSPOSE_ROWS));
    return result;
  }

  private static void transpose(Matrix matrix, Matrix result, int first) {
    int cols = result.cols();
    int count = Math.min(TRANSPOSE_ROWS, result.rows() - first);
    try (Arena scratch = Arena.ofConfined()) {
      FloatTensor strip = FloatTensor.allocate(scratch, count, cols);
      for (int c = 0; c < cols; c++) {
        long from = c * matrix.rowBytes();
        for (int r = 0; r < count; r++) {
          strip.set(r, c, decode(matrix.type(), matrix.data(), from, first + r));
        }
      }
      for (int r = 0; r < count; r++) {
        encodeRow(strip, r, cols, result.type(), result.data(), (first + r) * result.rowBytes());
      }
    }
  }

  private static float decode(WeightType type, MemorySegment data, long rowOffset, int col) {
    return switch (type) {
      case F32 -> data.get(FloatTensor.FLOAT, rowOffset + 4L * col);
      case F16 -> Float.float16ToFloat(data.get(SHORT, rowOffset + 2L * col));
      case BF16 -> Float.intBitsToFloat(data.get(SHORT, rowOffset + 2L * col) << Short.SIZE);
      case Q8_0 -> {
        long block = rowOffset + (long) (col / BLOCK) * BLOCK_BYTES;
        float scale = Float.float16ToFloat(data.get(SHORT, block));
        yield scale * data.get(JAVA_BYTE, block + Short.BYTES + col % BLOCK);
      }
    };
  }

  private static void encodeBlock(
      FloatTensor in, int inRow, int col, MemorySegment data, long offset) {
    float largest = 0;
    for (int i = 0; i < BLOCK; i++) {
      largest = Math.max(largest, Math.abs(in.get(inRow, col + i)));
    }
    float scale = largest / Byte.MAX_VALUE;
    float inverse = scale == 0 ? 0 : 1 / scale;
    data.set(SHORT, offset, Float.floatToFloat16(scale));
    for (int i = 0; i < BLOCK; i++) {
      float scaled = in.get(inRow, col + i) * inverse;
      int magnitude = Math.round(Math.abs(scaled)); // halves away from zero, as ggml rounds
      data.set(JAVA_BYTE, offset + Short.BYTES + i, (byte) (scaled < 0 ? -magnitude : magnitude));
    }
  }

  /** To nearest, ties to even; a NaN stays one. */
  private static short floatToBfloat16(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) (bits >>> Short.SIZE | 0x40);
    }
    int even = bits >>> Short.SIZE & 1;
    return (short) ((bits + 0x7fff + even) >>> Short.SIZE);
  }
}
