package io.rivulet.kernels;

import static io.rivulet.kernels.FloatTensor.FLOAT;
import static io.rivulet.kernels.SimpleQuants.INT;
import static io.rivulet.kernels.WeightCodec.float16;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;

/**
 * Decodes ggml's K-quants: blocks of 256 weights in groups of 16 or 32, each with a small integer
 * as its scale, and in some types one as its minimum, which binary16 numbers of the whole block
 * multiply. The layouts are ggml's {@code block_q2_K} to {@code block_q6_K}.
 *
 * <p>Products are exact: 11 significant bits of a binary16 times at most 7 of a group's scale and 5
 * of a weight.
 */
final class KQuants {

  static final int SIZE = 256;

  private static final int LOW_TWO = 0x03030303;
  private static final int LOW_FOUR = 0x0f0f0f0f;
  private static final int LOW_SIX = 0x3f3f3f3f;
  private static final long INT_BITS = 0xffffffffL;

  private KQuants() {}

  /** Scale and minimum of 16 weights in four bits each; 64 bytes of two bits; d; dmin. */
  static void decodeQ2(MemorySegment data, long at, int blocks, MemorySegment out, long outAt) {
    for (int b = 0; b < blocks; b++) {
      long block = at + (long) b * WeightType.Q2_K.bytesPerBlock();
      float d = float16(data, block + 80);
      float dmin = float16(data, block + 82);
      for (int group = 0; group < SIZE / 16; group++) {
        int packed = data.get(JAVA_BYTE, block + group);
        float scale = d * (packed & 15);
        float min = dmin * (packed >> 4 & 15);
        long q = block + 16 + group / 8 * 32L + group % 2 * 16L;
        int shift = group % 8 / 2 * 2;
        long y = outAt + 4L * (SIZE * b + 16 * group);
        for (int l = 0; l < 16; l++) {
          int weight = data.get(JAVA_BYTE, q + l) >> shift & 3;
          out.set(FLOAT, y + 4L * l, scale * weight - min);
        }
      }
    }
  }

  /** 32 bytes of third bits; 64 bytes of two bits; 12 of scales; d. */
  static void decodeQ3(MemorySegment data, long at, int blocks, MemorySegment out, long outAt) {
    for (int b = 0; b < blocks; b++) {
      long block = at + (long) b * WeightType.Q3_K.bytesPerBlock();
      float d = float16(data, block + 108);
      long lowScales = q3Scales(data, block + 96, 0);
      long highScales = q3Scales(data, block + 96, 4);
      for (int group = 0; group < SIZE / 16; group++) {
        long scales = group < 8 ? lowScales : highScales;
        float scale = d * ((int) (scales >> (8 * (group % 8)) & 63) - 32);
        long third = block + group % 2 * 16L;
        long q = block + 32 + group / 8 * 32L + group % 2 * 16L;
        int shift = group % 8 / 2 * 2;
        long y = outAt + 4L * (SIZE * b + 16 * group);
        for (int l = 0; l < 16; l++) {
          int low = data.get(JAVA_BYTE, q + l) >> shift & 3;
          int high = data.get(JAVA_BYTE, third + l) >> (group / 2) & 1;
          out.set(FLOAT, y + 4L * l, scale * ((low | high << 2) - 4));
        }
      }
    }
  }

  /** d; dmin; 12 bytes of scales and minima; 128 of four bits. */
  static void decodeQ4(MemorySegment data, long at, int blocks, MemorySegment out, long outAt) {
    for (int b = 0; b < blocks; b++) {
      long block = at + (long) b * WeightType.Q4_K.bytesPerBlock();
      float d = float16(data, block);
      float dmin = float16(data, block + 2);
      long scales = scales(data, block + 4);
      long minima = minima(data, block + 4);
      for (int group = 0; group < SIZE / 32; group++) {
        float scale = d * (scales >> (8 * group) & 63);
        float min = dmin * (minima >> (8 * group) & 63);
        long q = block + 16 + group / 2 * 32L;
        int shift = group % 2 * 4;
        long y = outAt + 4L * (SIZE * b + 32 * group);
        for (int l = 0; l < 32; l++) {
          int weight = data.get(JAVA_BYTE, q + l) >> shift & 15;
          out.set(FLOAT, y + 4L * l, scale * weight - min);
        }
      }
    }
  }

  /** As Q4_K, with 32 bytes of fifth bits before the four bits. */
  static void decodeQ5(MemorySegment data, long at, int blocks, MemorySegment out, long outAt) {
    for (int b = 0; b < blocks; b++) {
      long block = at + (long) b * WeightType.Q5_K.bytesPerBlock();
      float d = float16(data, block);
      float dmin = float16(data, block + 2);
      long scales = scales(data, block + 4);
      long minima = minima(data, block + 4);
      for (int group = 0; group < SIZE / 32; group++) {
        float scale = d * (scales >> (8 * group) & 63);
        float min = dmin * (minima >> (8 * group) & 63);
        long q = block + 48 + group / 2 * 32L;
        int shift = group % 2 * 4;
        long y = outAt + 4L * (SIZE * b + 32 * group);
        for (int l = 0; l < 32; l++) {
          int low = data.get(JAVA_BYTE, q + l) >> shift & 15;
          int fifth = data.get(JAVA_BYTE, block + 16 + l) >> group & 1;
          out.set(FLOAT, y + 4L * l, scale * (low | fifth << 4) - min);
        }
      }
    }
  }

  /** 128 bytes of four bits; 64 of two bits; a byte a group of 16 as its scale; d. */
  static void decodeQ6(MemorySegment data, long at, int blocks, MemorySegment out, long outAt) {
    for (int b = 0; b < blocks; b++) {
      long block = at + (long) b * WeightType.Q6_K.bytesPerBlock();
      float d = float16(data, block + 208);
      for (int group = 0; group < SIZE / 16; group++) {
        float scale = d * data.get(JAVA_BYTE, block + 192 + group);
        int quarter = group % 8 / 2;
        long low = block + group / 8 * 64L + quarter % 2 * 32L + group % 2 * 16L;
        long high = block + 128 + group / 8 * 32L + group % 2 * 16L;
        long y = outAt + 4L * (SIZE * b + 16 * group);
        for (int l = 0; l < 16; l++) {
          int four = data.get(JAVA_BYTE, low + l) >> (quarter / 2 * 4) & 15;
          int two = data.get(JAVA_BYTE, high + l) >> (quarter * 2) & 3;
          out.set(FLOAT, y + 4L * l, scale * ((four | two << 4) - 32));
        }
      }
    }
  }

  /** The six bits of the eight scales of Q4_K and Q5_K, a byte each. */
  static long scales(MemorySegment data, long at) {
    int scales = data.get(INT, at);
    int rest = data.get(INT, at + 8);
    int high = (rest & LOW_FOUR) | (scales >>> 6 & LOW_TWO) << 4;
    return (scales & LOW_SIX) | (long) high << Integer.SIZE;
  }

  /** The six bits of the eight minima of Q4_K and Q5_K, a byte each. */
  static long minima(MemorySegment data, long at) {
    int minima = data.get(INT, at + 4);
    int rest = data.get(INT, at + 8);
    int high = (rest >>> 4 & LOW_FOUR) | (minima >>> 6 & LOW_TWO) << 4;
    return (minima & LOW_SIX) | (long) high << Integer.SIZE;
  }

  /**
   * The six bits of eight scales of Q3_K, a byte each.
   *
   * @param shift 0 for the first eight, 4 for the others
   */
  static long q3Scales(MemorySegment data, long at, int shift) {
    int rest = data.get(INT, at + 8) >>> shift;
    int low = (data.get(INT, at) >>> shift & LOW_FOUR) | (rest & LOW_TWO) << 4;
    int high = (data.get(INT, at + 4) >>> shift & LOW_FOUR) | (rest >>> 2 & LOW_TWO) << 4;
    return (low & INT_BITS) | (long) high << Integer.SIZE;
  }
}
