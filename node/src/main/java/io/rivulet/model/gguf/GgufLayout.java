package io.rivulet.model.gguf;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Constants of the format, and numbers as they lie in it. */
final class GgufLayout {

  /** "GGUF" as a little-endian number. */
  static final int MAGIC = 0x46554747;

  static final int VERSION = 3;
  static final String ALIGNMENT_KEY = "general.alignment";
  static final int DEFAULT_ALIGNMENT = 32;
  static final int MAX_ALIGNMENT = 1 << 20;
  static final int MAX_DIMENSIONS = 4;
  static final int MAX_KEY_BYTES = 65535;
  static final int MAX_TENSOR_NAME_BYTES = 64;

  static final ValueLayout.OfShort INT16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfInt INT32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfLong INT64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfFloat FLOAT32 =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfDouble FLOAT64 =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private GgufLayout() {}

  /** An integer or truth value of the type at the position. */
  static long integer(MemorySegment data, GgufValueType type, long position) {
    return switch (type) {
      case UINT8, BOOL -> data.get(ValueLayout.JAVA_BYTE, position) & 0xffL;
      case INT8 -> data.get(ValueLayout.JAVA_BYTE, position);
      case UINT16 -> data.get(INT16, position) & 0xffffL;
      case INT16 -> data.get(INT16, position);
      case UINT32 -> data.get(INT32, position) & 0xffff_ffffL;
      case INT32 -> data.get(INT32, position);
      case UINT64, INT64 -> data.get(INT64, position);
      case FLOAT32, FLOAT64, STRING, ARRAY ->
          throw new IllegalArgumentException(type + " is not an integer");
    };
  }

  /** The next multiple of the alignment, a power of two; throws ArithmeticException beyond 2^63. */
  static long align(long position, int alignment) {
    return Math.addExact(position, alignment - 1) & -alignment;
  }
}
