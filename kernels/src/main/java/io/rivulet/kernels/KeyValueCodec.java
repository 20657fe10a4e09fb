package io.rivulet.kernels;

import static io.rivulet.kernels.FloatTensor.FLOAT;
import static io.rivulet.kernels.KeyValueBlocks.POSITIONS;
import static io.rivulet.kernels.WeightCodec.SHORT;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;

/**
 * Keys and values to what is stored, and back: a head of one position in, a head of a block out.
 * The vector kernels have twins of the way back.
 */
final class KeyValueCodec {

  /** Numbers that share a scale in Q8_0. */
  static final int GROUP = 32;

  private static final float MOST_HALF = 65504;
  private static final float MOST_CODE = 127;

  private KeyValueCodec() {}

  /**
   * Binary16.
   *
   * @param stride elements from one number's place to the next
   */
  static void storeHalves(
      MemorySegment from, long at, int headSize, MemorySegment to, long toAt, int stride) {
    for (int c = 0; c < headSize; c++) {
      to.set(SHORT, toAt + 2L * stride * c, half(from.get(FLOAT, at + 4L * c)));
    }
  }

  private static short half(float number) {
    return Float.floatToFloat16(Math.max(-MOST_HALF, Math.min(MOST_HALF, number)));
  }

  /** Codes {@code [dimension][position]}, then scales {@code [group][position]}. */
  static void storeKeyCodes(
      MemorySegment from, long at, int headSize, MemorySegment to, long toAt, int slot) {
    long scales = toAt + (long) headSize * POSITIONS;
    for (int group = 0; group < headSize / GROUP; group++) {
      long first = at + 4L * group * GROUP;
      short scale = scale(from, first);
      float inverse = inverse(scale);
      to.set(SHORT, scales + 2L * (group * POSITIONS + slot), scale);
      for (int c = 0; c < GROUP; c++) {
        long place = toAt + (long) (group * GROUP + c) * POSITIONS + slot;
        to.set(JAVA_BYTE, place, code(from.get(FLOAT, first + 4L * c), inverse));
      }
    }
  }

  /** Codes {@code [position][dimension]}, then scales {@code [position][group]}. */
  static void storeValueCodes(
      MemorySegment from, long at, int headSize, MemorySegment to, long toAt, int slot) {
    int groups = headSize / GROUP;
    long scales = toAt + (long) headSize * POSITIONS;
    for (int group = 0; group < groups; group++) {
      long first = at + 4L * group * GROUP;
      short scale = scale(from, first);
      float inverse = inverse(scale);
      to.set(SHORT, scales + 2L * (slot * groups + group), scale);
      for (int c = 0; c < GROUP; c++) {
        long place = toAt + (long) slot * headSize + (long) group * GROUP + c;
        to.set(JAVA_BYTE, place, code(from.get(FLOAT, first + 4L * c), inverse));
      }
    }
  }

  private static short scale(MemorySegment from, long first) {
    float largest = 0;
    for (int c = 0; c < GROUP; c++) {
      largest = Math.max(largest, Math.abs(from.get(FLOAT, first + 4L * c)));
    }
    return half(largest / MOST_CODE);
  }

  private static float inverse(short scale) {
    float stored = Float.float16ToFloat(scale);
    return stored == 0 ? 0 : 1 / stored;
  }

  private static byte code(float number, float inverse) {
    return (byte) Math.clamp(Math.round(number * inverse), -(int) MOST_CODE, (int) MOST_CODE);
  }

  /** So many numbers, keys or values. */
  static void loadHalves(MemorySegment from, long at, int count, MemorySegment to, long toAt) {
    for (int i = 0; i < count; i++) {
      to.set(FLOAT, toAt + 4L * i, Float.float16ToFloat(from.get(SHORT, at + 2L * i)));
    }
  }

  /** The keys of a block. */
  static void loadKeyCodes(MemorySegment from, long at, int headSize, MemorySegment to, long toAt) {
    long scales = at + (long) headSize * POSITIONS;
    for (int c = 0; c < headSize; c++) {
      for (int p = 0; p < POSITIONS; p++) {
        int i = c * POSITIONS + p;
        short scale = from.get(SHORT, scales + 2L * (c / GROUP * POSITIONS + p));
        float number = from.get(JAVA_BYTE, at + i) * Float.float16ToFloat(scale);
        to.set(FLOAT, toAt + 4L * i, number);
      }
    }
  }

  /** The values of a block: groups of 32 follow each other, and so do their scales. */
  static void loadValueCodes(
      MemorySegment from, long at, int headSize, MemorySegment to, long toAt) {
    long scales = at + (long) headSize * POSITIONS;
    for (int i = 0; i < headSize * POSITIONS; i++) {
      short scale = from.get(SHORT, scales + 2L * (i / GROUP));
      float number = from.get(JAVA_BYTE, at + i) * Float.float16ToFloat(scale);
      to.set(FLOAT, toAt + 4L * i, number);
    }
  }
}
