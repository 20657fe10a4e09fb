package io.rivulet.model.gguf;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Collects bytes as the format lays them out. */
final class GgufBytes {

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  GgufBytes type(GgufValueType type) {
    return int32(type.id());
  }

  GgufBytes array(GgufValueType elementType, int size) {
    return type(GgufValueType.ARRAY).type(elementType).int64(size);
  }

  GgufBytes text(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return int64(bytes.length).raw(bytes);
  }

  GgufBytes int8(int value) {
    out.write(value);
    return this;
  }

  GgufBytes int16(int value) {
    return raw(little(Short.BYTES).putShort((short) value).array());
  }

  GgufBytes int32(int value) {
    return raw(little(Integer.BYTES).putInt(value).array());
  }

  GgufBytes int64(long value) {
    return raw(little(Long.BYTES).putLong(value).array());
  }

  GgufBytes float32(float value) {
    return raw(little(Float.BYTES).putFloat(value).array());
  }

  GgufBytes raw(byte[] bytes) {
    out.writeBytes(bytes);
    return this;
  }

  /** The type, then the value. */
  GgufBytes value(GgufValue value) {
    return switch (value) {
      case GgufValue.Text(String text) -> type(GgufValueType.STRING).text(text);
      case GgufValue.Bool(boolean flag) -> type(GgufValueType.BOOL).int8(flag ? 1 : 0);
      case GgufValue.Real(GgufValueType type, double number) ->
          type == GgufValueType.FLOAT32
              ? type(type).float32((float) number)
              : type(type).int64(Double.doubleToRawLongBits(number));
      case GgufValue.Int(GgufValueType type, long number) ->
          type(type)
              .raw(Arrays.copyOf(little(Long.BYTES).putLong(number).array(), type.minBytes()));
      case GgufArray array -> array(array.elementType(), array.size()).raw(array.bytes());
    };
  }

  byte[] toByteArray() {
    return out.toByteArray();
  }

  private static ByteBuffer little(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
