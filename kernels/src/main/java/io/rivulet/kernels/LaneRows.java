package io.rivulet.kernels;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A small matrix of many rows in int8, with a scale and a bias a row, laid out lane by row: what
 * {@link Kernels#score} multiplies by. A lane then sums up a row of its own, and nothing is added
 * across lanes.
 *
 * <p>16 rows lie side by side: two codes of the first, two of the second, ..., then the next two
 * columns. Rows that are missing of the last 16 are zero, and so are columns up to a multiple of 4.
 */
public final class LaneRows {

  /** The most columns: so many products of codes add up to less than 2^24, exactly in a float. */
  public static final int MOST_COLS = 1024;

  /** Columns that lie together. */
  static final int PAIR = 2;

  /** Kernels take as many columns at a time. */
  private static final int STEP = 2 * PAIR;

  /** Bytes of a pair of columns of 16 rows. */
  static final int PAIR_BYTES = PAIR * Lanes.COUNT;

  private final int rows;
  private final int cols;
  private final MemorySegment codes;
  private final FloatTensor scales;
  private final FloatTensor biases;

  private LaneRows(Arena arena, int rows, int cols) {
    this.rows = rows;
    this.cols = cols;
    int padded = Math.ceilDiv(rows, Lanes.COUNT) * Lanes.COUNT;
    codes = arena.allocate((long) padded * paddedCols(), FloatTensor.ALIGNMENT);
    scales = FloatTensor.allocate(arena, 1, padded);
    biases = FloatTensor.allocate(arena, 1, padded);
  }

  /**
   * Rounds each row to whole numbers from -127 to 127, to nearest, ties to even, of its largest
   * magnitude / 127.
   *
   * @param values rows x cols, finite; cols even, at most {@link #MOST_COLS}
   * @param biases one a row
   */
  public static LaneRows of(Arena arena, FloatTensor values, float[] biases) {
    int cols = values.cols();
    if (cols % PAIR != 0 || cols > MOST_COLS) {
      throw new IllegalArgumentException(
          "rows by lanes need an even number of columns, at most " + MOST_COLS + ", was " + cols);
    }
    if (biases.length != values.rows()) {
      throw new IllegalArgumentException(
          "%d rows need as many biases, was %d".formatted(values.rows(), biases.length));
    }
    LaneRows result = new LaneRows(arena, values.rows(), cols);
    for (int row = 0; row < result.rows; row++) {
      result.store(row, values.row(row), biases[row]);
    }
    return result;
  }

  private void store(int row, float[] values, float bias) {
    float largest = 0;
    for (float value : values) {
      largest = Math.max(largest, Math.abs(value));
    }
    if (!Float.isFinite(largest)) {
      throw new IllegalArgumentException("row " + row + " has a value that is not finite");
    }
    scales.set(0, row, ScalarPacked.scale(largest));
    biases.set(0, row, bias);
    float inverse = ScalarPacked.inverse(largest);
    for (int col = 0; col < cols; col++) {
      float code = values[col] * inverse + ScalarPacked.ROUNDER - ScalarPacked.ROUNDER;
      codes.set(JAVA_BYTE, codeAt(row, col), (byte) code);
    }
  }

  /** Rows. */
  public int rows() {
    return rows;
  }

  /** Columns. */
  public int cols() {
    return cols;
  }

  /** Columns with those that are zero. */
  int paddedCols() {
    return Math.ceilDiv(cols, STEP) * STEP;
  }

  /** Bytes of all rows with their scales and biases. */
  public long byteSize() {
    return codes.byteSize() + scales.data().byteSize() + biases.data().byteSize();
  }

  MemorySegment codes() {
    return codes;
  }

  /** Where a code is. */
  long codeAt(int row, int col) {
    long sixteen = (long) (row / Lanes.COUNT) * Lanes.COUNT * paddedCols();
    int inPairs = row % Lanes.COUNT * PAIR + col % PAIR;
    return sixteen + (long) (col / PAIR) * PAIR_BYTES + inPairs;
  }

  /** What each row's codes are multiplied by. */
  FloatTensor scales() {
    return scales;
  }

  /** What is added to each row's product. */
  FloatTensor biases() {
    return biases;
  }
}
