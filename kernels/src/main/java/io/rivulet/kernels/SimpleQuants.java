package io.rivulet.kernels;

import static io.rivulet.kernels.FloatTensor.FLOAT;
import static io.rivulet.kernels.WeightCodec.float16;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Decodes blocks of 32 weights that share a scale d and, in types that end in 1, a minimum m: a
 * weight is d times a signed integer, or d times an unsigned one plus m. Bytes hold the low four
 * bits of weight j and, above them, those of weight j + 16; fifth bits are in a word of their own.
 *
 * <p>Products are exact: 11 significant bits of a binary16 times at most 8.
 */
final class SimpleQuants {

  static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  static final int SIZE = 32;
  static final int HALF = SIZE / 2;

  private SimpleQuants() {}

  static void decodeQ8(MemorySegment data, long at, int blocks, MemorySegment out, long outAt) {
    for (int b = 0; b < blocks; b++) {
      long block = at + (long) b * WeightType.Q8_0.bytesPerBlock();
      long y = outAt + 4L * SIZE * b;
      float d = float16(data, block);
      for (int j = 0; j < SIZE; j++) {
        out.set(FLOAT, y + 4L * j, data.get(JAVA_BYTE, block + 2 + j) * d);
      }
    }
  }

  static void decodeQ40(MemorySegment data, long at, int blocks, MemorySegment out, long outAt) {
    for (int b = 0; b < blocks; b++) {
      long block = at + (long) b * WeightType.Q4_0.bytesPerBlock();
      long y = outAt + 4L * SIZE * b;
      float d = float16(data, block);
      for (int j = 0; j < HALF; j++) {
        int q = data.get(JAVA_BYTE, block + 2 + j);
        out.set(FLOAT, y + 4L * j, ((q & 15) - 8) * d);
        out.set(FLOAT, y + 4L * (j + HALF), ((q >> 4 & 15) - 8) * d);
      }
    }
  }

  static void decodeQ41(MemorySegment data, long at, int blocks, MemorySegment out, long outAt) {
    for (int b = 0; b < blocks; b++) {
      long block = at + (long) b * WeightType.Q4_1.bytesPerBlock();
      long y = outAt + 4L * SIZE * b;
      float d = float16(data, block);
      float m = float16(data, block + 2);
      for (int j = 0; j < HALF; j++) {
        int q = data.get(JAVA_BYTE, block + 4 + j);
        out.set(FLOAT, y + 4L * j, (q & 15) * d + m);
        out.set(FLOAT, y + 4L * (j + HALF), (q >> 4 & 15) * d + m);
      }
    }
  }

  static void decodeQ50(MemorySegment data, long at, int blocks, MemorySegment out, long outAt) {
    for (int b = 0; b < blocks; b++) {
      long block = at + (long) b * WeightType.Q5_0.bytesPerBlock();
      long y = outAt + 4L * SIZE * b;
      float d = float16(data, block);
      int fifth = data.get(INT, block + 2);
      for (int j = 0; j < HALF; j++) {
        int q = data.get(JAVA_BYTE, block + 6 + j);
        int low = (q & 15) | (fifth >> j & 1) << 4;
        int high = (q >> 4 & 15) | (fifth >> (j + HALF) & 1) << 4;
        out.set(FLOAT, y + 4L * j, (low - 16) * d);
        out.set(FLOAT, y + 4L * (j + HALF), (high - 16) * d);
      }
    }
  }

  static void decodeQ51(MemorySegment data, long at, int blocks, MemorySegment out, long outAt) {
    for (int b = 0; b < blocks; b++) {
      long block = at + (long) b * WeightType.Q5_1.bytesPerBlock();
      long y = outAt + 4L * SIZE * b;
      float d = float16(data, block);
      float m = float16(data, block + 2);
      int fifth = data.get(INT, block + 4);
      for (int j = 0; j < HALF; j++) {
        int q = data.get(JAVA_BYTE, block + 8 + j);
        int low = (q & 15) | (fifth >> j & 1) << 4;
        int high = (q >> 4 & 15) | (fifth >> (j + HALF) & 1) << 4;
        out.set(FLOAT, y + 4L * j, low * d + m);
        out.set(FLOAT, y + 4L * (j + HALF), high * d + m);
      }
    }
  }
}
