package io.rivulet.model.safetensors;

import java.util.Arrays;
import java.util.Optional;

/**
 * The types a tensor can have, by their names in a header. Those that are not computed with are
 * known so that a file can be listed and refused by name.
 */
public enum SafetensorsType {
  F4(4),
  F6_E2M3(6),
  F6_E3M2(6),
  BOOL(8),
  U8(8),
  I8(8),
  F8_E5M2(8),
  F8_E4M3(8),
  F8_E8M0(8),
  F8_E4M3FNUZ(8),
  F8_E5M2FNUZ(8),
  I16(16),
  U16(16),
  F16(16),
  BF16(16),
  I32(32),
  U32(32),
  F32(32),
  C64(64),
  F64(64),
  I64(64),
  U64(64);

  private static final SafetensorsType[] VALUES = values();

  private final int bits;

  SafetensorsType(int bits) {
    this.bits = bits;
  }

  static Optional<SafetensorsType> named(String name) {
    return Arrays.stream(VALUES).filter(type -> type.name().equals(name)).findFirst();
  }

  /** Bits that a value takes. */
  public int bits() {
    return bits;
  }
}
