package io.rivulet.model.safetensors;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes a file: first say what is in it, then {@link #write}, which reads the tensors' bytes.
 * Tensors keep their order.
 */
public final class SafetensorsWriter {

  private static final int ALIGNMENT = 8;
  private static final int CHUNK_BYTES = 1 << 20;

  private final Map<String, String> metadata = new LinkedHashMap<>();
  private final Map<String, Tensor> tensors = new LinkedHashMap<>();

  private record Tensor(SafetensorsType type, List<Long> shape, List<MemorySegment> parts) {
    long bytes() {
      return parts.stream().mapToLong(MemorySegment::byteSize).sum();
    }
  }

  /** A string under {@code __metadata__}. */
  public SafetensorsWriter metadata(String key, String value) {
    metadata.put(key, value);
    return this;
  }

  /**
   * A tensor.
   *
   * @param shape the slowest dimension first
   * @param parts its bytes, little-endian, one part after another
   * @throws IllegalArgumentException if the name is taken, or type and shape ask for other bytes
   */
  public SafetensorsWriter tensor(
      String name, SafetensorsType type, List<Long> shape, List<MemorySegment> parts) {
    var tensor = new Tensor(type, List.copyOf(shape), List.copyOf(parts));
    long values = shape.stream().reduce(1L, Math::multiplyExact);
    if (tensor.bytes() != Math.multiplyExact(values, (long) type.bits()) / Byte.SIZE) {
      throw new IllegalArgumentException(
          "tensor %s has %d bytes, its shape %s of %s takes others"
              .formatted(name, tensor.bytes(), shape, type));
    }
    if (tensors.putIfAbsent(name, tensor) != null) {
      throw new IllegalArgumentException("tensor " + name + " is there already");
    }
    return this;
  }

  /**
   * Writes the file under another name beside it, then moves it over one that is there: nobody sees
   * half of it.
   */
  public void write(Path path) throws IOException {
    Path partial =
        path.resolveSibling(
            "%s.%d.partial".formatted(path.getFileName(), ProcessHandle.current().pid()));
    try {
      try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(partial))) {
        out.write(header());
        for (Tensor tensor : tensors.values()) {
          for (MemorySegment part : tensor.parts()) {
            copy(part, out);
          }
        }
      }
      Files.move(
          partial, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(partial);
    }
  }

  private byte[] header() {
    ObjectNode header = JsonFile.emptyObject();
    if (!metadata.isEmpty()) {
      ObjectNode strings = header.putObject("__metadata__");
      metadata.forEach(strings::put);
    }
    long offset = 0;
    for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
      Tensor tensor = entry.getValue();
      ObjectNode info = header.putObject(entry.getKey());
      info.put("dtype", tensor.type().name());
      tensor.shape().forEach(info.putArray("shape")::add);
      info.putArray("data_offsets").add(offset).add(offset + tensor.bytes());
      offset += tensor.bytes();
    }
    byte[] text = JsonFile.JSON.writeValueAsBytes(header);
    int padded = Math.ceilDiv(text.length, ALIGNMENT) * ALIGNMENT;
    byte[] bytes = " ".repeat(Long.BYTES + padded).getBytes(StandardCharsets.US_ASCII);
    MemorySegment.ofArray(bytes).set(SafetensorsHeader.INT64, 0, padded);
    System.arraycopy(text, 0, bytes, Long.BYTES, text.length);
    return bytes;
  }

  private static void copy(MemorySegment part, OutputStream out) throws IOException {
    for (long at = 0; at < part.byteSize(); at += CHUNK_BYTES) {
      long bytes = Math.min(CHUNK_BYTES, part.byteSize() - at);
      out.write(part.asSlice(at, bytes).toArray(ValueLayout.JAVA_BYTE));
    }
  }
}
