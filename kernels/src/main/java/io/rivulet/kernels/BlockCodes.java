package io.rivulet.kernels;

import static io.rivulet.kernels.CodeType.BYTE;
import static io.rivulet.kernels.CodeType.NIBBLE;
import static io.rivulet.kernels.CodeType.SIGNED_NIBBLE;

import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * How to take a stored block of a quantised type apart, into codes and what they are scaled by.
 *
 * @param group weights that share a scale; a block holds one or more groups
 * @param codeType the smallest type that holds the codes
 * @param affine whether weights have an offset
 * @param reader does it
 */
record BlockCodes(int group, CodeType codeType, boolean affine, Reader reader) {

  /** Takes one block apart. */
  @FunctionalInterface
  interface Reader {
    /**
     * Reads.
     *
     * @param at where the block begins
     * @param codes takes a code for each weight
     * @param scales takes a scale for each group
     * @param offsets takes an offset for each group of an affine type
     */
    void read(MemorySegment data, long at, byte[] codes, float[] scales, float[] offsets);
  }

  /** Bytes that the codes, scales and offsets of so many neurons take. */
  long bytes(int neurons, int width) {
    int groups = neurons / group;
    return codeType.rowBytes(width) * neurons
        + CodedRows.SLACK
        + FloatTensor.bytes(groups, width)
        + FloatTensor.bytes(affine ? groups : 1, width);
  }

  /** How to take the type's blocks apart; empty where it has none. */
  static Optional<BlockCodes> of(WeightType type) {
    return switch (type) {
      case F32, F16, BF16 -> Optional.empty();
      case Q8_0 -> scaled(32, BYTE, SimpleCodes::readQ8);
      case Q4_0 -> scaled(32, SIGNED_NIBBLE, SimpleCodes::readQ40);
      case Q4_1 -> affine(32, NIBBLE, SimpleCodes::readQ41);
      case Q5_0 -> scaled(32, BYTE, SimpleCodes::readQ50);
      case Q5_1 -> affine(32, BYTE, SimpleCodes::readQ51);
      case Q2_K -> affine(16, NIBBLE, KCodes::readQ2);
      case Q3_K -> scaled(16, SIGNED_NIBBLE, KCodes::readQ3);
      case Q4_K -> affine(32, NIBBLE, KCodes::readQ4);
      case Q5_K -> affine(32, BYTE, KCodes::readQ5);
      case Q6_K -> scaled(16, BYTE, KCodes::readQ6);
      case IQ4_NL -> scaled(32, BYTE, SimpleCodes::readNl);
      case IQ4_XS -> scaled(32, BYTE, KCodes::readXs);
      case TQ1_0 -> scaled(256, SIGNED_NIBBLE, TernaryCodes::readTq1);
      case TQ2_0 -> scaled(256, SIGNED_NIBBLE, TernaryCodes::readTq2);
    };
  }

  private static Optional<BlockCodes> scaled(int group, CodeType codeType, Reader reader) {
    return Optional.of(new BlockCodes(group, codeType, false, reader));
  }

  private static Optional<BlockCodes> affine(int group, CodeType codeType, Reader reader) {
    return Optional.of(new BlockCodes(group, codeType, true, reader));
  }
}
