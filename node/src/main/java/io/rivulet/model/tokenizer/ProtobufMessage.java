package io.rivulet.model.tokenizer;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * The fields of a message in Protocol Buffers' encoding, one after another. Reads past the end
 * throw a {@link BufferUnderflowException}, what cannot be an {@link IllegalArgumentException}.
 */
final class ProtobufMessage {

  private static final int VARINT = 0;
  private static final int FIXED_64 = 1;
  private static final int BYTES = 2;
  private static final int FIXED_32 = 5;

  private final ByteBuffer buffer;
  private int field;
  private long number;
  private ByteBuffer bytes = ByteBuffer.allocate(0);

  ProtobufMessage(ByteBuffer buffer) {
    this.buffer = buffer.order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Reads the next field, if there is one. */
  boolean next() {
    if (!buffer.hasRemaining()) {
      return false;
    }
    long tag = varint();
    field = (int) (tag >>> 3);
    switch ((int) (tag & 7)) {
      case VARINT -> number = varint();
      case FIXED_64 -> number = buffer.getLong();
      case FIXED_32 -> number = buffer.getInt();
      case BYTES -> {
        long length = varint();
        if (length < 0 || length > buffer.remaining()) {
          throw new BufferUnderflowException();
        }
        bytes = buffer.slice(buffer.position(), (int) length);
        buffer.position(buffer.position() + (int) length);
      }
      default -> throw new IllegalArgumentException("wire type " + (tag & 7));
    }
    return true;
  }

  /** The number of the field. */
  int field() {
    return field;
  }

  /** Its value, if it is an integer, enum or bool. */
  long number() {
    return number;
  }

  /** Its value, if it is a float. */
  float real() {
    return Float.intBitsToFloat((int) number);
  }

  /** Its value, if it is bytes. */
  byte[] bytes() {
    byte[] copy = new byte[bytes.remaining()];
    bytes.duplicate().get(copy);
    return copy;
  }

  /** Its value, if it is a string. */
  String text() {
    return new String(bytes(), StandardCharsets.UTF_8);
  }

  /** Its value, if it is a message. */
  ProtobufMessage message() {
    return new ProtobufMessage(bytes.duplicate());
  }

  private long varint() {
    long value = 0;
    for (int shift = 0; shift < Long.SIZE; shift += 7) {
      byte next = buffer.get();
      value |= (next & 0x7fL) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw new IllegalArgumentException("a varint of more than 64 bits");
  }
}
