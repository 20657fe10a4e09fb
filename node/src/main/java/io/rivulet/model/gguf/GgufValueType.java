package io.rivulet.model.gguf;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** The types of metadata values, with their numbers in a file. */
public enum GgufValueType {
  UINT8(0, 1),
  INT8(1, 1),
  UINT16(2, 2),
  INT16(3, 2),
  UINT32(4, 4),
  INT32(5, 4),
  FLOAT32(6, 4),
  BOOL(7, 1),
  STRING(8, 8),
  ARRAY(9, 12),
  UINT64(10, 8),
  INT64(11, 8),
  FLOAT64(12, 8);

  private static final GgufValueType[] VALUES = values();

  private final int id;
  private final int minBytes;

  GgufValueType(int id, int minBytes) {
    this.id = id;
    this.minBytes = minBytes;
  }

  static Optional<GgufValueType> ofId(long id) {
    return Arrays.stream(VALUES).filter(type -> type.id == id).findFirst();
  }

  /** The number that stands for the type in a file. */
  public int id() {
    return id;
  }

  /** Bytes that a value takes; for strings and arrays, an empty one. */
  int minBytes() {
    return minBytes;
  }

  /** As the format's description writes it: {@code uint32}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
