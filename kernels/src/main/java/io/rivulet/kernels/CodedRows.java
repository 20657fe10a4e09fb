package io.rivulet.kernels;

import static java.util.Objects.requireNonNull;

import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * Quantised weights, a row a neuron, with the scales for groups of neurons: {@code w[i][c] =
 * scales[i / group][c] * code[i][c] + offsets[i / group][c]}. That is what a file's down projection
 * is when it is transposed: there, the groups that share a scale lie along neurons.
 *
 * @param rows neurons
 * @param cols width of the residual stream
 * @param group neurons that share a scale
 * @param codeType how codes are stored
 * @param codes rows of {@link CodeType#rowBytes} bytes, and {@link #SLACK} more
 * @param scales rows / group x cols, in F16 or F32
 * @param offsets as scales; absent where all are zero
 */
public record CodedRows(
    int rows,
    int cols,
    int group,
    CodeType codeType,
    MemorySegment codes,
    Matrix scales,
    Optional<Matrix> offsets)
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
    requireFactors(scales, rows / group, cols);
    offsets.ifPresent(matrix -> requireFactors(matrix, rows / group, cols));
  }

  /** Bytes from one row's codes to the next. */
  public long rowBytes() {
    return codeType.rowBytes(cols);
  }

  @Override
  public int columnStep() {
    return CodeType.STEP;
  }

  @Override
  public long byteSize() {
    return rows * rowBytes() + scales.byteSize() + offsets.map(Matrix::byteSize).orElse(0L);
  }

  /** Where the run of ids of one group ends that begins at {@code first}. */
  int runEnd(int[] ids, int first, int idCount) {
    int of = ids[first] / group;
    int end = first + 1;
    while (end < idCount && ids[end] / group == of) {
      end++;
    }
    return end;
  }

  /** The sum of the activations of a run, in order. */
  static float sum(FloatTensor activations, int token, int[] ids, int first, int end) {
    float sum = 0;
    for (int i = first; i < end; i++) {
      sum += activations.get(token, ids[i]);
    }
    return sum;
  }

  private static void requireFactors(Matrix factors, int rows, int cols) {
    boolean known = factors.type() == WeightType.F16 || factors.type() == WeightType.F32;
    if (!known || factors.rows() != rows || factors.cols() != cols) {
      throw new IllegalArgumentException(
          "expected %d x %d factors in F16 or F32, was %d x %d in %s"
              .formatted(rows, cols, factors.rows(), factors.cols(), factors.type()));
    }
  }
}
