package io.rivulet.kernels;

import static io.rivulet.kernels.FloatTensor.FLOAT;
import static io.rivulet.kernels.WeightCodec.float16;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;

/** Decodes blocks of 256 weights that are -d, 0 or d, with d at the block's end. */
final class TernaryQuants {

  static final int SIZE = 256;

  private TernaryQuants() {}

  /**
   * Five weights a byte, as digits of a fraction in base 3: 32 bytes for the first 160 weights, 16
   * for the next 80, and 4 bytes of four weights.
   */
  static void decodeTq1(MemorySegment data, long at, int blocks, MemorySegment out, long outAt) {
    for (int b = 0; b < blocks; b++) {
      long block = at + (long) b * WeightType.TQ1_0.bytesPerBlock();
      long y = outAt + 4L * SIZE * b;
      float d = float16(data, block + 52);
      decodeDigits(d, data, block, 32, 5, out, y);
      decodeDigits(d, data, block + 32, 16, 5, out, y + 4 * 160);
      decodeDigits(d, data, block + 48, 4, 4, out, y + 4 * 240);
    }
  }

  /** All first digits of the bytes, then all second ones, and so on. */
  static void decodeDigits(
      float d, MemorySegment data, long at, int bytes, int digits, MemorySegment out, long y) {
    int power = 1;
    for (int digit = 0; digit < digits; digit++) {
      for (int j = 0; j < bytes; j++) {
        int fraction = data.get(JAVA_BYTE, at + j) * power & 0xff;
        out.set(FLOAT, y + 4L * (bytes * digit + j), (((fraction * 3) >> 8) - 1) * d);
      }
      power *= 3;
    }
  }

  /** Two bits a weight; a byte holds weights that are 32 apart. */
  static void decodeTq2(MemorySegment data, long at, int blocks, MemorySegment out, long outAt) {
    for (int b = 0; b < blocks; b++) {
      long block = at + (long) b * WeightType.TQ2_0.bytesPerBlock();
      float d = float16(data, block + 64);
      for (int group = 0; group < 8; group++) {
        long y = outAt + 4L * (SIZE * b + 32 * group);
        for (int j = 0; j < 32; j++) {
          int weight = data.get(JAVA_BYTE, block + group / 4 * 32L + j) >> (group % 4 * 2) & 3;
          out.set(FLOAT, y + 4L * j, (weight - 1) * d);
        }
      }
    }
  }
}
