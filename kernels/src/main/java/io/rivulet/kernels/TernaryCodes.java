package io.rivulet.kernels;

import static io.rivulet.kernels.WeightCodec.float16;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;

/** Takes blocks of 256 weights apart that are -1, 0 or 1; {@link TernaryQuants} says how. */
final class TernaryCodes {

  private TernaryCodes() {}

  static void readTq1(MemorySegment data, long at, byte[] codes, float[] scales, float[] offsets) {
    scales[0] = float16(data, at + 52);
    readDigits(data, at, 32, 5, codes, 0);
    readDigits(data, at + 32, 16, 5, codes, 160);
    readDigits(data, at + 48, 4, 4, codes, 240);
  }

  private static void readDigits(
      MemorySegment data, long at, int bytes, int digits, byte[] codes, int first) {
    int power = 1;
    for (int digit = 0; digit < digits; digit++) {
      for (int j = 0; j < bytes; j++) {
        int fraction = (data.get(JAVA_BYTE, at + j) * power) & 0xff;
        codes[first + bytes * digit + j] = (byte) (((fraction * 3) >> 8) - 1);
      }
      power *= 3;
    }
  }

  static void readTq2(MemorySegment data, long at, byte[] codes, float[] scales, float[] offsets) {
    scales[0] = float16(data, at + 64);
    for (int i = 0; i < TernaryQuants.SIZE; i++) {
      int two = (data.get(JAVA_BYTE, at + (i / 128 * 32L) + i % 32) >> (i % 128 / 32 * 2)) & 3;
      codes[i] = (byte) (two - 1);
    }
  }
}
