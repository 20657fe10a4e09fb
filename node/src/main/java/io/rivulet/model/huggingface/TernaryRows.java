package io.rivulet.model.huggingface;

import io.rivulet.kernels.FloatTensor;
import io.rivulet.kernels.Matrix;
import io.rivulet.kernels.WeightCodec;
import io.rivulet.kernels.WeightType;
import io.rivulet.model.safetensors.SafetensorsTensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * BitNet's weights -s, 0 and s, in the type that transformers has them in: that of the scale where
 * it is stored, and of the trained weights where it is not.
 *
 * <p>They are stored in one of two ways. As trained: then each is divided by the mean magnitude,
 * rounded to -1, 0 or 1 and multiplied by it again (arXiv:2402.17764, section 2). Packed: four rows
 * of a quarter each in the bits of a byte, the first quarter in the lowest two, less one; with the
 * scale as a tensor of its own.
 */
final class TernaryRows implements MadeBytes.Rows {

  private static final int PACKED = 4;
  private static final float SMALLEST_SCALE = 1e-5f;

  private final long count;
  private final int cols;
  private final WeightType type;
  private final FloatRows rows;

  /** Puts a row's values there. */
  @FunctionalInterface
  private interface FloatRows {
    void read(long row, FloatTensor into);
  }

  private TernaryRows(long count, int cols, WeightType type, FloatRows rows) {
    this.count = count;
    this.cols = cols;
    this.type = type;
    this.rows = rows;
  }

  /** Of a packed tensor and its scale, 1 x 1. */
  static TernaryRows packed(SafetensorsTensor tensor, int cols, Matrix scale) {
    long quarter = tensor.shape().getFirst();
    MemorySegment data = tensor.data();
    return new TernaryRows(
        Math.multiplyExact(quarter, (long) PACKED),
        cols,
        scale.type(),
        (row, into) -> {
          float one = number(scale);
          int shift = (int) (row / quarter) * 2;
          long start = row % quarter * cols;
          for (int c = 0; c < cols; c++) {
            int bits = data.get(ValueLayout.JAVA_BYTE, start + c) >> shift & 3;
            into.set(0, c, (bits - 1) * one);
          }
        });
  }

  /** Of a tensor as it was trained. */
  static TernaryRows rounded(SafetensorsTensor tensor, int cols, WeightType type) {
    var weights = new Trained(tensor.data(), tensor.shape().getFirst(), cols, type);
    return new TernaryRows(weights.rows, cols, type, weights::round);
  }

  /** What the weights are. */
  WeightType type() {
    return type;
  }

  /** How many rows there are. */
  long count() {
    return count;
  }

  @Override
  public MemorySegment row(long row) {
    @SuppressWarnings("MustBeClosedChecker") // freed when the row is not reachable any more
    Arena arena = Arena.ofAuto();
    FloatTensor values = FloatTensor.allocate(arena, 1, cols);
    rows.read(row, values);
    MemorySegment encoded = arena.allocate(type.rowBytes(cols));
    WeightCodec.encodeRow(values, 0, cols, type, encoded, 0);
    return encoded;
  }

  private static float number(Matrix scale) {
    try (Arena arena = Arena.ofConfined()) {
      FloatTensor value = FloatTensor.allocate(arena, 1, 1);
      WeightCodec.decodeRow(scale, 0, value, 0);
      return value.get(0, 0);
    }
  }

  /** Weights as trained, and what they are rounded by: found when the first row is asked for. */
  private static final class Trained {

    private final MemorySegment data;
    private final long rows;
    private final int cols;
    private final WeightType type;
    private float scale;

    Trained(MemorySegment data, long rows, int cols, WeightType type) {
      this.data = data;
      this.rows = rows;
      this.cols = cols;
      this.type = type;
    }

    void round(long row, FloatTensor into) {
      float one = scale();
      float inverse = 1 / one;
      decode(row, into);
      for (int c = 0; c < cols; c++) {
        double rounded = Math.rint(into.get(0, c) * inverse);
        into.set(0, c, (float) Math.clamp(rounded, -1, 1) * one);
      }
    }

    private synchronized float scale() {
      if (scale == 0) {
        double sum = 0;
        try (Arena arena = Arena.ofConfined()) {
          FloatTensor values = FloatTensor.allocate(arena, 1, cols);
          for (long row = 0; row < rows; row++) {
            decode(row, values);
            for (int c = 0; c < cols; c++) {
              sum += Math.abs(values.get(0, c));
            }
          }
        }
        scale = Math.max(SMALLEST_SCALE, (float) (sum / rows / cols));
      }
      return scale;
    }

    private void decode(long row, FloatTensor into) {
      MemorySegment bytes = data.asSlice(row * type.rowBytes(cols), type.rowBytes(cols));
      WeightCodec.decodeRow(new Matrix(type, 1, cols, bytes), 0, into, 0);
    }
  }
}
