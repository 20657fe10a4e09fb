package io.rivulet.kernels;

import static io.rivulet.kernels.SimpleQuants.HALF;
import static io.rivulet.kernels.SimpleQuants.INT;
import static io.rivulet.kernels.SimpleQuants.SIZE;
import static io.rivulet.kernels.WeightCodec.float16;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;

/** Takes blocks of 32 weights apart; {@link SimpleQuants} says what they are. */
final class SimpleCodes {

  private SimpleCodes() {}

  static void readQ8(MemorySegment data, long at, byte[] codes, float[] scales, float[] offsets) {
    scales[0] = float16(data, at);
    MemorySegment.copy(data, JAVA_BYTE, at + 2, codes, 0, SIZE);
  }

  static void readQ40(MemorySegment data, long at, byte[] codes, float[] scales, float[] offsets) {
    scales[0] = float16(data, at);
    readHalves(data, at + 2, codes, 8);
  }

  static void readQ41(MemorySegment data, long at, byte[] codes, float[] scales, float[] offsets) {
    scales[0] = float16(data, at);
    offsets[0] = float16(data, at + 2);
    readHalves(data, at + 4, codes, 0);
  }

  static void readQ50(MemorySegment data, long at, byte[] codes, float[] scales, float[] offsets) {
    scales[0] = float16(data, at);
    readHalves(data, at + 6, codes, 16);
    addFifths(data.get(INT, at + 2), codes);
  }

  static void readQ51(MemorySegment data, long at, byte[] codes, float[] scales, float[] offsets) {
    scales[0] = float16(data, at);
    offsets[0] = float16(data, at + 2);
    readHalves(data, at + 8, codes, 0);
    addFifths(data.get(INT, at + 4), codes);
  }

  static void readNl(MemorySegment data, long at, byte[] codes, float[] scales, float[] offsets) {
    scales[0] = float16(data, at);
    readHalves(data, at + 2, codes, 0);
    for (int j = 0; j < SIZE; j++) {
      codes[j] = CodebookQuants.VALUES[codes[j]];
    }
  }

  private static void readHalves(MemorySegment data, long at, byte[] codes, int bias) {
    for (int j = 0; j < HALF; j++) {
      int both = data.get(JAVA_BYTE, at + j);
      codes[j] = (byte) ((both & 15) - bias);
      codes[j + HALF] = (byte) ((both >> 4 & 15) - bias);
    }
  }

  private static void addFifths(int fifths, byte[] codes) {
    for (int j = 0; j < SIZE; j++) {
      codes[j] += (byte) ((fifths >> j & 1) << 4);
    }
  }
}
