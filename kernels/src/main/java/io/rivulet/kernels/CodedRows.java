package io.rivulet.kernels;

import static java.util.Objects.requireNonNull;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;

/**
 * Quantised weights, a row a neuron, with the scales of groups of neurons: {@code w[i][c] =
 * scales[i / group][c] * code[i][c] + offsets[i / group][c]}, rounded once. That is what a file's
 * down projection is when it is transposed: there, the weights that share a scale lie along
 * neurons.
 *
 * @param rows neurons
 * @param cols width of the residual stream
 * @param group neurons that share a scale
 * @param codeType how codes are stored
 * @param codes rows of {@link CodeType#rowBytes} bytes, and {@link #SLACK} more
 * @param scales rows / group x cols
 * @param offsets as scales, or one row for all groups
 */
public record CodedRows(
    int rows,
    int cols,
    int group,
    CodeType codeType,
    MemorySegment codes,
    FloatTensor scales,
    FloatTensor offsets)
    implements NeuronRows {

  /** Bytes after the last row that a vector may reach into. */
  static final int SLACK = 64;

  public CodedRows {
    requireNonNull(codeType, "codeType is null");
    if (rows < 1 || cols < 1 || group < 1 || rows % group != 0) {
      throw new IllegalArgumentException(
          "coded rows need whole groups and columns, was %d x %d in groups of %d"
              .formatted(rows, cols, group));
    }
    long bytes = Math.multiplyExact(codeType.rowBytes(cols), (long) rows) + SLACK;
    if (codes.byteSize() != bytes || !codes.isNative()) {
      throw new IllegalArgumentException(
          "%d x %d codes of type %s take %d bytes outside the Java heap, was %d"
              .formatted(rows, cols, codeType, bytes, codes.byteSize()));
    }
    int groups = rows / group;
    if (scales.rows() != groups || scales.cols() != cols) {
      throw new IllegalArgumentException(
          "expected %d x %d scales, was %d x %d"
              .formatted(groups, cols, scales.rows(), scales.cols()));
    }
    if ((offsets.rows() != groups && offsets.rows() != 1) || offsets.cols() != cols) {
      throw new IllegalArgumentException(
          "expected %d or 1 x %d offsets, was %d x %d"
              .formatted(groups, cols, offsets.rows(), offsets.cols()));
    }
  }

  /** In memory as it is: of the shape of a matrix that is transposed and taken apart so. */
  static CodedRows transposed(Matrix matrix, BlockCodes blocks, SegmentAllocator memory) {
    int rows = matrix.cols();
    int cols = matrix.rows();
    int groups = rows / blocks.group();
    long bytes = Math.multiplyExact(blocks.codeType().rowBytes(cols), (long) rows);
    return new CodedRows(
        rows,
        cols,
        blocks.group(),
        blocks.codeType(),
        memory.allocate(bytes + SLACK, FloatTensor.ALIGNMENT),
        FloatTensor.allocate(memory, groups, cols),
        FloatTensor.allocate(memory, blocks.affine() ? groups : 1, cols));
  }

  @Override
  public MemorySegment rowMemory() {
    return codes.asSlice(0, rowBytes() * rows);
  }

  /** Bytes from one row's codes to the next. */
  long rowBytes() {
    return codeType.rowBytes(cols);
  }

  /** Where a row's scales begin. */
  long scaleAt(int row) {
    return scales.offset(row / group, 0);
  }

  /** Where a row's offsets begin. */
  long offsetAt(int row) {
    return offsets.rows() == 1 ? 0 : offsets.offset(row / group, 0);
  }

  /** One weight; for edges and tests, not for hot loops. */
  float weight(int row, int col) {
    int code = codeType.code(codes, row * rowBytes(), col);
    float scale = scales.data().get(FloatTensor.FLOAT, scaleAt(row) + 4L * col);
    float offset = offsets.data().get(FloatTensor.FLOAT, offsetAt(row) + 4L * col);
    return Math.fma(scale, code, offset);
  }

  @Override
  public int columnStep() {
    return CodeType.STEP;
  }

  @Override
  public long byteSize() {
    return codes.byteSize() + scales.data().byteSize() + offsets.data().byteSize();
  }
}
