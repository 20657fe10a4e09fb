package io.rivulet.kernels;

import static io.rivulet.kernels.FloatTensor.FLOAT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * From stored weights to float32 and back, for embeddings, tools and loading; not for hot loops.
 */
public final class WeightCodec {

  static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private static final int TRANSPOSE_ROWS = 64;

  private WeightCodec() {}

  /** Writes the weights of a row, exactly, to the first columns of a row of activations. */
  public static void decodeRow(Matrix weights, int row, FloatTensor out, int outRow) {
    Objects.checkIndex(row, weights.rows());
    Objects.checkIndex(outRow, out.rows());
    Objects.checkFromIndexSize(0, weights.cols(), out.cols());
    decode(
        weights.type(),
        weights.data(),
        row * weights.rowBytes(),
        weights.cols() / weights.type().blockSize(),
        out.data(),
        out.offset(outRow, 0));
  }

  /** Writes the weights of consecutive blocks of a row, exactly, as consecutive floats. */
  static void decode(
      WeightType type, MemorySegment data, long at, int blocks, MemorySegment out, long outAt) {
    switch (type) {
      case F32 -> MemorySegment.copy(data, at, out, outAt, 4L * blocks);
      case F16 -> {
        for (int c = 0; c < blocks; c++) {
          out.set(FLOAT, outAt + 4L * c, float16(data, at + 2L * c));
        }
      }
      case BF16 -> {
        for (int c = 0; c < blocks; c++) {
          out.set(FLOAT, outAt + 4L * c, bfloat16(data, at + 2L * c));
        }
      }
      case Q8_0 -> SimpleQuants.decodeQ8(data, at, blocks, out, outAt);
      case Q4_0 -> SimpleQuants.decodeQ40(data, at, blocks, out, outAt);
      case Q4_1 -> SimpleQuants.decodeQ41(data, at, blocks, out, outAt);
      case Q5_0 -> SimpleQuants.decodeQ50(data, at, blocks, out, outAt);
      case Q5_1 -> SimpleQuants.decodeQ51(data, at, blocks, out, outAt);
      case Q2_K -> KQuants.decodeQ2(data, at, blocks, out, outAt);
      case Q3_K -> KQuants.decodeQ3(data, at, blocks, out, outAt);
      case Q4_K -> KQuants.decodeQ4(data, at, blocks, out, outAt);
      case Q5_K -> KQuants.decodeQ5(data, at, blocks, out, outAt);
      case Q6_K -> KQuants.decodeQ6(data, at, blocks, out, outAt);
      case IQ4_NL -> CodebookQuants.decodeNl(data, at, blocks, out, outAt);
      case IQ4_XS -> CodebookQuants.decodeXs(data, at, blocks, out, outAt);
      case TQ1_0 -> TernaryQuants.decodeTq1(data, at, blocks, out, outAt);
      case TQ2_0 -> TernaryQuants.decodeTq2(data, at, blocks, out, outAt);
    }
  }

  /**
   * Stores the first columns of a row of activations, rounded to nearest, as a row of weights.
   * Quantised types are rounded as ggml's {@code quantize_row_*_ref} do it.
   *
   * @param cols how many columns, a multiple of the type's block size
   * @param offset where in the segment the row begins, in bytes
   * @throws IllegalArgumentException if the type is not {@link WeightType#encodable()}
   */
  public static void encodeRow(
      FloatTensor in, int inRow, int cols, WeightType type, MemorySegment data, long offset) {
    Objects.checkIndex(inRow, in.rows());
    Objects.checkFromIndexSize(0, cols, in.cols());
    Objects.checkFromIndexSize(offset, type.rowBytes(cols), data.byteSize());
    long inAt = in.offset(inRow, 0);
    for (int block = 0; block < cols / type.blockSize(); block++) {
      encodeBlock(
          in.data(),
          inAt + (long) block * type.blockSize() * Float.BYTES,
          type,
          data,
          offset + (long) block * type.bytesPerBlock());
    }
  }

  private static void encodeBlock(
      MemorySegment in, long inAt, WeightType type, MemorySegment data, long at) {
    switch (type) {
      case F32 -> data.set(FLOAT, at, in.get(FLOAT, inAt));
      case F16 -> data.set(SHORT, at, Float.floatToFloat16(in.get(FLOAT, inAt)));
      case BF16 -> data.set(SHORT, at, floatToBfloat16(in.get(FLOAT, inAt)));
      case Q8_0 -> SimpleQuantsEncoder.encodeQ8(in, inAt, data, at);
      case Q4_0 -> SimpleQuantsEncoder.encodeQ40(in, inAt, data, at);
      case Q4_1 -> SimpleQuantsEncoder.encodeQ41(in, inAt, data, at);
      case Q5_0 -> SimpleQuantsEncoder.encodeQ50(in, inAt, data, at);
      case Q5_1 -> SimpleQuantsEncoder.encodeQ51(in, inAt, data, at);
      case Q2_K, Q3_K, Q4_K, Q5_K, Q6_K, IQ4_NL, IQ4_XS, TQ1_0, TQ2_0 ->
          throw new IllegalArgumentException(
              "weights cannot be stored as %s, only as %s"
                  .formatted(
                      type,
                      Arrays.stream(WeightType.values()).filter(WeightType::encodable).toList()));
    }
  }

  /**
   * The transposed matrix. On all cores, some of its rows each.
   *
   * @param type what to store the result as, without blocks
   * @param memory takes the result, open to all threads
   */
  static Matrix transpose(Matrix matrix, WeightType type, SegmentAllocator memory) {
    Matrix result = transposed(matrix, type, memory);
    int strips = Math.ceilDiv(result.rows(), TRANSPOSE_ROWS);
    IntStream.range(0, strips)
        .parallel()
        .forEach(strip -> transpose(matrix, result, strip * TRANSPOSE_ROWS));
    return result;
  }

  /** In memory as it is: of the transposed matrix' shape. */
  static Matrix transposed(Matrix matrix, WeightType type, SegmentAllocator memory) {
    int rows = matrix.cols();
    int cols = matrix.rows();
    long bytes = Math.multiplyExact(type.rowBytes(cols), (long) rows);
    return new Matrix(type, rows, cols, memory.allocate(bytes, FloatTensor.ALIGNMENT));
  }

  private static void transpose(Matrix matrix, Matrix result, int first) {
    int cols = result.cols();
    int count = Math.min(TRANSPOSE_ROWS, result.rows() - first);
    try (Arena scratch = Arena.ofConfined()) {
      FloatTensor strip = FloatTensor.allocate(scratch, count, cols);
      FloatTensor column = FloatTensor.allocate(scratch, 1, count);
      for (int c = 0; c < cols; c++) {
        long from = c * matrix.rowBytes() + matrix.type().rowBytes(first);
        decode(matrix.type(), matrix.data(), from, count, column.data(), 0);
        for (int r = 0; r < count; r++) {
          strip.set(r, c, column.get(0, r));
        }
      }
      for (int r = 0; r < count; r++) {
        encodeRow(strip, r, cols, result.type(), result.data(), (first + r) * result.rowBytes());
      }
    }
  }

  static float float16(MemorySegment data, long at) {
    return Float.float16ToFloat(data.get(SHORT, at));
  }

  static float bfloat16(MemorySegment data, long at) {
    return Float.intBitsToFloat(data.get(SHORT, at) << Short.SIZE);
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
