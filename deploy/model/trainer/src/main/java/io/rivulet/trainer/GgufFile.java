package io.rivulet.trainer;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A GGUF file (version 3) under construction: keys, then tensors, written at once. */
final class GgufFile {
  private static final int VERSION = 3;
  private static final int ALIGNMENT = 32;

  private enum Value {
    UINT32(4),
    INT32(5),
    FLOAT32(6),
    BOOL(7),
    STRING(8),
    ARRAY(9);

    final int code;

    Value(int code) {
      this.code = code;
    }
  }

  private record Entry(String name, TensorFormat format, long[] dimensions, byte[] data) {}

  private final Bytes keys = new Bytes();
  private final List<Entry> tensors = new ArrayList<>();
  private int keyCount;

  void unsigned(String key, int value) {
    key(key, Value.UINT32).int32(value);
  }

  void decimal(String key, double value) {
    key(key, Value.FLOAT32).float32((float) value);
  }

  void truth(String key, boolean value) {
    key(key, Value.BOOL).int8(value ? 1 : 0);
  }

  void text(String key, String value) {
    key(key, Value.STRING).string(value);
  }

  void texts(String key, List<String> values) {
    array(key, Value.STRING, values.size());
    values.forEach(keys::string);
  }

  void decimals(String key, float[] values) {
    array(key, Value.FLOAT32, values.length);
    for (float value : values) {
      keys.float32(value);
    }
  }

  void integers(String key, int[] values) {
    array(key, Value.INT32, values.length);
    for (int value : values) {
      keys.int32(value);
    }
  }

  /**
   * Adds a row-major tensor; GGUF lists the dimensions the other way round, the contiguous one
   * first.
   */
  void tensor(String name, TensorFormat format, ModelShape.Tensor shape, float[] data) {
    long[] dimensions =
        shape.columns() == 1
            ? new long[] {shape.rows()}
            : new long[] {shape.columns(), shape.rows()};
    tensors.add(new Entry(name, format, dimensions, format.encode(data)));
  }

  private Bytes key(String key, Value type) {
    keyCount++;
    keys.string(key);
    keys.int32(type.code);
    return keys;
  }

  private void array(String key, Value element, int count) {
    key(key, Value.ARRAY).int32(element.code);
    keys.int64(count);
  }

  void write(Path file) throws IOException {
    Bytes head = new Bytes();
    head.out.writeBytes("GGUF".getBytes(UTF_8));
    head.int32(VERSION);
    head.int64(tensors.size());
    head.int64(keyCount);
    head.out.writeBytes(keys.out.toByteArray());
    long offset = 0;
    for (Entry tensor : tensors) {
      head.string(tensor.name());
      head.int32(tensor.dimensions().length);
      for (long dimension : tensor.dimensions()) {
        head.int64(dimension);
      }
      head.int32(tensor.format().code());
      head.int64(offset);
      offset = align(offset + tensor.data().length);
    }
    try (OutputStream out = Files.newOutputStream(file)) {
      out.write(head.out.toByteArray());
      out.write(new byte[padding(head.out.size())]);
      for (Entry tensor : tensors) {
        out.write(tensor.data());
        out.write(new byte[padding(tensor.data().length)]);
      }
    }
  }

  private static long align(long offset) {
    return (offset + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  private static int padding(long size) {
    return (int) (align(size) - size);
  }

  /** Little-endian values in a growing buffer. */
  private static final class Bytes {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    void int8(int value) {
      out.write(value);
    }

    void int32(int value) {
      out.writeBytes(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array());
    }

    void int64(long value) {
      out.writeBytes(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array());
    }

    void float32(float value) {
      int32(Float.floatToIntBits(value));
    }

    void string(String value) {
      byte[] bytes = value.getBytes(UTF_8);
      int64(bytes.length);
      out.writeBytes(bytes);
    }
  }
}
