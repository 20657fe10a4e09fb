package io.rivulet.model.safetensors;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A tensor in a file.
 *
 * @param file where it is
 * @param shape the slowest dimension first, as PyTorch has them: rows, then columns; empty for a
 *     single number
 * @param data its bytes, read-only and mapped; little-endian
 */
public record SafetensorsTensor(
    Path file, String name, SafetensorsType type, List<Long> shape, MemorySegment data) {

  public SafetensorsTensor {
    shape = List.copyOf(shape);
  }

  /** The dimensions as a message shows them: {@code [1024, 256]}. */
  public String shownShape() {
    return shape.stream().map(String::valueOf).collect(Collectors.joining(", ", "[", "]"));
  }
}
