package io.rivulet.kernels;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.util.Objects.requireNonNull;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Objects;

/**
 * Activations: x[row][col] in float32, a row a token. Each row starts at a 64-byte boundary, so
 * that no vector load of a kernel crosses a cache line.
 *
 * @param rows number of rows, at least 1
 * @param cols number of columns, at least 1
 * @param data at least {@code rows * stride()} floats outside the Java heap, 64-byte aligned
 */
public record FloatTensor(int rows, int cols, MemorySegment data) {

  /** Bytes to which each row is aligned. */
  public static final int ALIGNMENT = 64;

  static final ValueLayout.OfFloat FLOAT = JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private static final int FLOATS_PER_LINE = ALIGNMENT / Float.BYTES;

  public FloatTensor {
    requireNonNull(data, "data is null");
    if (data.byteSize() < bytes(rows, cols)) {
      throw new IllegalArgumentException(
          "%d x %d activations take %d bytes, was %d"
              .formatted(rows, cols, bytes(rows, cols), data.byteSize()));
    }
    if (!data.isNative() || data.address() % ALIGNMENT != 0) {
      throw new IllegalArgumentException(
          "activations must lie outside the Java heap, aligned to " + ALIGNMENT + " bytes");
    }
  }

  /** A tensor in new memory: of zeros, where it is an arena's. */
  public static FloatTensor allocate(SegmentAllocator memory, int rows, int cols) {
    return new FloatTensor(rows, cols, memory.allocate(bytes(rows, cols), ALIGNMENT));
  }

  /** A tensor of one row that holds a copy of the values. */
  public static FloatTensor of(Arena arena, float... values) {
    FloatTensor tensor = allocate(arena, 1, values.length);
    MemorySegment.copy(values, 0, tensor.data, FLOAT, 0, values.length);
    return tensor;
  }

  /** Floats from the start of one row to the start of the next. */
  public int stride() {
    return stride(cols);
  }

  /** Bytes from the start of the data to an element. */
  public long offset(int row, int col) {
    return ((long) row * stride(cols) + col) * Float.BYTES;
  }

  /** One element; for kernels' edges, tests and sampling, not for hot loops. */
  public float get(int row, int col) {
    Objects.checkIndex(row, rows);
    return data.get(FLOAT, offset(row, Objects.checkIndex(col, cols)));
  }

  /** Sets one element. */
  public void set(int row, int col, float value) {
    Objects.checkIndex(row, rows);
    data.set(FLOAT, offset(row, Objects.checkIndex(col, cols)), value);
  }

  /** A copy of one row. */
  public float[] row(int row) {
    Objects.checkIndex(row, rows);
    float[] values = new float[cols];
    MemorySegment.copy(data, FLOAT, offset(row, 0), values, 0, cols);
    return values;
  }

  /** Copies the first values of an array into a row. */
  public void setRow(int row, float[] values) {
    Objects.checkIndex(row, rows);
    MemorySegment.copy(values, 0, data, FLOAT, offset(row, 0), cols);
  }

  private static int stride(int cols) {
    return (cols + FLOATS_PER_LINE - 1) & -FLOATS_PER_LINE;
  }

  /** Bytes that so many rows and columns take. */
  static long bytes(int rows, int cols) {
    if (rows < 1 || cols < 1 || cols > Integer.MAX_VALUE - FLOATS_PER_LINE) {
      throw new IllegalArgumentException(
          "activations need rows and columns, was " + rows + " x " + cols);
    }
    return Math.multiplyExact((long) rows * stride(cols), Float.BYTES);
  }
}
