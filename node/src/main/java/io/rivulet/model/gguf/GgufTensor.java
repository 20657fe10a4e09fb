package io.rivulet.model.gguf;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A tensor of a model.
 *
 * @param dimensions from 1 to 4, each at least 1, the fastest first as GGUF has them: the columns,
 *     then the rows
 * @param source where its bytes come from
 */
public record GgufTensor(String name, GgmlType type, List<Long> dimensions, TensorSource source) {

  public GgufTensor {
    dimensions = List.copyOf(dimensions);
  }

  /** A tensor whose bytes are there: read-only and mapped. */
  public GgufTensor(String name, GgmlType type, List<Long> dimensions, MemorySegment data) {
    this(name, type, dimensions, new StoredBytes(data));
  }

  /** All its bytes, outside the Java heap; usable as long as the model is open. */
  public MemorySegment data() {
    return source.all();
  }

  /** The bytes of one row, outside the Java heap; where the rest is not there, it is not made. */
  public MemorySegment row(long row) {
    return source.slice(row * rowBytes(), rowBytes());
  }

  /** Values in a row: the first dimension. */
  public long cols() {
    return dimensions.getFirst();
  }

  /** Rows of {@link #cols()} values: the product of the other dimensions. */
  public long rows() {
    return elements() / cols();
  }

  /** Values in all. */
  public long elements() {
    return dimensions.stream().reduce(1L, Math::multiplyExact);
  }

  /** Bytes of a row. */
  public long rowBytes() {
    return cols() / type.blockSize() * type.bytesPerBlock();
  }

  /** Bytes in all. */
  public long byteSize() {
    return Math.multiplyExact(rowBytes(), rows());
  }

  /** The dimensions in the file's order: {@code 256 x 1024} has 256 columns. */
  public String shape() {
    return dimensions.stream().map(String::valueOf).collect(Collectors.joining(" x "));
  }
}
