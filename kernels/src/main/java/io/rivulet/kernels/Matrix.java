package io.rivulet.kernels;

import static java.util.Objects.requireNonNull;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * A weight matrix, row-major, without gaps between rows: w[row][col]. It views memory that someone
 * else owns, a mapped file as a rule.
 *
 * @param type how the weights are stored
 * @param rows number of rows, at least 1
 * @param cols number of columns, at least 1 and a multiple of the type's block size
 * @param data exactly {@link #byteSize()} bytes outside the Java heap; any alignment
 */
public record Matrix(WeightType type, int rows, int cols, MemorySegment data)
    implements NeuronRows, WeightMatrix {

  public Matrix {
    requireNonNull(type, "type is null");
    requireNonNull(data, "data is null");
    if (rows < 1 || cols < 1) {
      throw new IllegalArgumentException(
          "a matrix needs rows and columns, was " + rows + " x " + cols);
    }
    long bytes = Math.multiplyExact(type.rowBytes(cols), (long) rows);
    if (data.byteSize() != bytes) {
      throw new IllegalArgumentException(
          "%d x %d weights of type %s take %d bytes, was %d"
              .formatted(rows, cols, type, bytes, data.byteSize()));
    }
    if (!data.isNative()) {
      throw new IllegalArgumentException("weights must lie outside the Java heap");
    }
  }

  /** Bytes from one row to the next. */
  public long rowBytes() {
    return type.rowBytes(cols);
  }

  @Override
  public int columnStep() {
    return type.blockSize();
  }

  /** Bytes of all rows. */
  @Override
  public long byteSize() {
    return data.byteSize();
  }

  @Override
  public MemorySegment rowMemory() {
    return data;
  }

  /** The rows from {@code from} to {@code to} - 1, in the same memory. */
  public Matrix rowRange(int from, int to) {
    Objects.checkFromToIndex(from, to, rows);
    MemorySegment slice = data.asSlice(from * rowBytes(), (to - from) * rowBytes());
    return new Matrix(type, to - from, cols, slice);
  }
}
