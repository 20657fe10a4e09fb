package io.rivulet.model.safetensors;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** Writes safetensors files, sound ones and others, apart from what the product writes. */
public final class SafetensorsFixture {

  private static final JsonMapper JSON = new JsonMapper();

  private final Map<String, Object> header = new LinkedHashMap<>();
  private final ByteArrayOutputStream data = new ByteArrayOutputStream();

  /** What another file holds, without one of its tensors. */
  public static SafetensorsFixture of(Path file, String without) {
    var writer = new SafetensorsFixture();
    try (Arena arena = Arena.ofConfined()) {
      for (SafetensorsTensor tensor :
          SafetensorsDirectory.open(file.getParent(), arena).tensors().values()) {
        if (!tensor.name().equals(without) && !tensor.name().equals(without + "_scale")) {
          writer.bytes(
              tensor.name(),
              tensor.type().name(),
              tensor.shape().stream().map(Math::toIntExact).toList(),
              tensor.data().toArray(ValueLayout.JAVA_BYTE));
        }
      }
    }
    return writer;
  }

  /** A tensor of values in F32. */
  public SafetensorsFixture floats(String name, List<Integer> shape, float... values) {
    byte[] bytes = new byte[values.length * Float.BYTES];
    ByteBuffer into = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      into.putFloat(value);
    }
    return bytes(name, "F32", shape, bytes);
  }

  /** A tensor of values in BF16, cut off. */
  public SafetensorsFixture bfloats(String name, List<Integer> shape, float... values) {
    byte[] bytes = new byte[values.length * Short.BYTES];
    ByteBuffer into = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      into.putShort((short) (Float.floatToRawIntBits(value) >>> Short.SIZE));
    }
    return bytes(name, "BF16", shape, bytes);
  }

  /** A tensor as it lies in the file. */
  public SafetensorsFixture bytes(String name, String type, List<Integer> shape, byte[] bytes) {
    int begin = data.size();
    data.writeBytes(bytes);
    header.put(
        name, Map.of("dtype", type, "shape", shape, "data_offsets", List.of(begin, data.size())));
    return this;
  }

  /** Writes the file. */
  public Path write(Path path) throws IOException {
    return Files.write(path, file(JSON.writeValueAsString(header), data.toByteArray()));
  }

  /** A file with this header and this data. */
  static byte[] file(String header, byte[] data) {
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    return little(Long.BYTES + text.length + data.length)
        .putLong(text.length)
        .put(text)
        .put(data)
        .array();
  }

  private static ByteBuffer little(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
