package io.rivulet.kernels;

import static io.rivulet.kernels.WeightCodec.float16;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;

/**
 * Takes blocks of 256 weights apart whose groups have scales of their own; {@link KQuants} and
 * {@link CodebookQuants} say what they are. A minimum is subtracted, hence a negative offset.
 */
final class KCodes {

  private static final int SIZE = KQuants.SIZE;

  private KCodes() {}

  static void readQ2(MemorySegment data, long at, byte[] codes, float[] scales, float[] offsets) {
    float d = float16(data, at + 80);
    float dmin = float16(data, at + 82);
    for (int group = 0; group < SIZE / 16; group++) {
      int packed = data.get(JAVA_BYTE, at + group);
      scales[group] = d * (packed & 15);
      offsets[group] = -dmin * (packed >> 4 & 15);
    }
    for (int i = 0; i < SIZE; i++) {
      codes[i] = (byte) twoBits(data, at + 16, i);
    }
  }

  static void readQ3(MemorySegment data, long at, byte[] codes, float[] scales, float[] offsets) {
    float d = float16(data, at + 108);
    for (int half = 0; half < 2; half++) {
      long bytes = KQuants.q3Scales(data, at + 96, 4 * half);
      for (int group = 0; group < 8; group++) {
        scales[8 * half + group] = d * ((int) ((bytes >> (8 * group)) & 63) - 32);
      }
    }
    for (int i = 0; i < SIZE; i++) {
      int third = (data.get(JAVA_BYTE, at + i % 32) >> (i / 32)) & 1;
      codes[i] = (byte) ((twoBits(data, at + 32, i) | (third << 2)) - 4);
    }
  }

  static void readQ4(MemorySegment data, long at, byte[] codes, float[] scales, float[] offsets) {
    readScalesAndMinima(data, at, scales, offsets);
    for (int i = 0; i < SIZE; i++) {
      codes[i] = (byte) fourBits(data, at + 16, i);
    }
  }

  static void readQ5(MemorySegment data, long at, byte[] codes, float[] scales, float[] offsets) {
    readScalesAndMinima(data, at, scales, offsets);
    for (int i = 0; i < SIZE; i++) {
      int fifth = (data.get(JAVA_BYTE, at + 16 + i % 32) >> (i / 32)) & 1;
      codes[i] = (byte) (fourBits(data, at + 48, i) | (fifth << 4));
    }
  }

  static void readQ6(MemorySegment data, long at, byte[] codes, float[] scales, float[] offsets) {
    float d = float16(data, at + 208);
    for (int group = 0; group < SIZE / 16; group++) {
      scales[group] = d * data.get(JAVA_BYTE, at + 192 + group);
    }
    for (int i = 0; i < SIZE; i++) {
      int low = (data.get(JAVA_BYTE, at + (i / 128 * 64L) + i % 64) >> (i % 128 / 64 * 4)) & 15;
      codes[i] = (byte) ((low | (twoBits(data, at + 128, i) << 4)) - 32);
    }
  }

  static void readXs(MemorySegment data, long at, byte[] codes, float[] scales, float[] offsets) {
    float d = float16(data, at);
    for (int group = 0; group < SIZE / 32; group++) {
      scales[group] = d * CodebookQuants.xsScale(data, at, group);
      for (int j = 0; j < 32; j++) {
        int both = data.get(JAVA_BYTE, at + 8 + 16L * group + j % 16);
        codes[32 * group + j] = CodebookQuants.VALUES[(both >> (j / 16 * 4)) & 15];
      }
    }
  }

  private static void readScalesAndMinima(
      MemorySegment data, long at, float[] scales, float[] offsets) {
    float d = float16(data, at);
    float dmin = float16(data, at + 2);
    long scaleBytes = KQuants.scales(data, at + 4);
    long minimumBytes = KQuants.minima(data, at + 4);
    for (int group = 0; group < SIZE / 32; group++) {
      scales[group] = d * ((scaleBytes >> (8 * group)) & 63);
      offsets[group] = -dmin * ((minimumBytes >> (8 * group)) & 63);
    }
  }

  /** Bytes hold four weights of 128 that are 32 apart. */
  private static int twoBits(MemorySegment data, long at, int i) {
    return (data.get(JAVA_BYTE, at + (i / 128 * 32L) + i % 32) >> (i % 128 / 32 * 2)) & 3;
  }

  /** Bytes hold two weights of 64 that are 32 apart. */
  private static int fourBits(MemorySegment data, long at, int i) {
    return (data.get(JAVA_BYTE, at + (i / 64 * 32L) + i % 32) >> (i % 64 / 32 * 4)) & 15;
  }
}
