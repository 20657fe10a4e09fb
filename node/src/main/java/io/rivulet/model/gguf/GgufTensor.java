package io.rivulet.model.gguf;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A tensor in a file.
 *
 * @param dimensions from 1 to 4, each at least 1, the fastest first as GGUF has them: the columns,
 *     then the rows
 * @param data its bytes, read-only and mapped; usable as long as the file is open
 */
public record GgufTensor(String name, GgmlType type, List<Long> dimensions, MemorySegment data) {

  public GgufTensor {
    dimensions = List.copyOf(dimensions);
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

  /** Bytes in all. */
  public long byteSize() {
    return data.byteSize();
  }

  /** The dimensions in the file's order: {@code 256 x 1024} has 256 columns. */
  public String shape() {
    return dimensions.stream().map(String::valueOf).collect(Collectors.joining(" x "));
  }
}
