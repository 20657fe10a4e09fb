package io.rivulet.kernels;

import static io.rivulet.kernels.FloatTensor.FLOAT;
import static io.rivulet.kernels.SimpleQuants.HALF;
import static io.rivulet.kernels.SimpleQuants.INT;
import static io.rivulet.kernels.SimpleQuants.SIZE;
import static io.rivulet.kernels.WeightCodec.SHORT;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;

/**
 * Rounds 32 weights to a block of {@link SimpleQuants}, as ggml does: the scale is rounded to
 * binary16 when it is stored, but the integers are found with the one that is not.
 */
final class SimpleQuantsEncoder {

  private SimpleQuantsEncoder() {}

  /** The largest magnitude becomes 127 or -127; halves are rounded away from zero. */
  static void encodeQ8(MemorySegment in, long inAt, MemorySegment data, long block) {
    float largest = Math.abs(largestMagnitude(in, inAt));
    float d = largest / Byte.MAX_VALUE;
    float inverse = inverse(d);
    data.set(SHORT, block, Float.floatToFloat16(d));
    for (int j = 0; j < SIZE; j++) {
      float scaled = in.get(FLOAT, inAt + 4L * j) * inverse;
      int magnitude = Math.round(Math.abs(scaled));
      data.set(JAVA_BYTE, block + 2 + j, (byte) (scaled < 0 ? -magnitude : magnitude));
    }
  }

  /** The weight of the largest magnitude becomes -8. */
  static void encodeQ40(MemorySegment in, long inAt, MemorySegment data, long block) {
    float d = largestMagnitude(in, inAt) / -8;
    float inverse = inverse(d);
    data.set(SHORT, block, Float.floatToFloat16(d));
    for (int j = 0; j < HALF; j++) {
      int low = quantised(in.get(FLOAT, inAt + 4L * j) * inverse + 8.5f, 15);
      int high = quantised(in.get(FLOAT, inAt + 4L * (j + HALF)) * inverse + 8.5f, 15);
      data.set(JAVA_BYTE, block + 2 + j, (byte) (low | high << 4));
    }
  }

  /** The least weight becomes 0, the greatest 15. */
  static void encodeQ41(MemorySegment in, long inAt, MemorySegment data, long block) {
    float m = least(in, inAt);
    float d = (greatest(in, inAt) - m) / 15;
    float inverse = inverse(d);
    data.set(SHORT, block, Float.floatToFloat16(d));
    data.set(SHORT, block + 2, Float.floatToFloat16(m));
    for (int j = 0; j < HALF; j++) {
      int low = quantised((in.get(FLOAT, inAt + 4L * j) - m) * inverse + 0.5f, 15);
      int high = quantised((in.get(FLOAT, inAt + 4L * (j + HALF)) - m) * inverse + 0.5f, 15);
      data.set(JAVA_BYTE, block + 4 + j, (byte) (low | high << 4));
    }
  }

  /** The weight of the largest magnitude becomes -16. */
  static void encodeQ50(MemorySegment in, long inAt, MemorySegment data, long block) {
    float d = largestMagnitude(in, inAt) / -16;
    float inverse = inverse(d);
    data.set(SHORT, block, Float.floatToFloat16(d));
    int fifth = 0;
    for (int j = 0; j < HALF; j++) {
      int low = quantised(in.get(FLOAT, inAt + 4L * j) * inverse + 16.5f, 31);
      int high = quantised(in.get(FLOAT, inAt + 4L * (j + HALF)) * inverse + 16.5f, 31);
      data.set(JAVA_BYTE, block + 6 + j, (byte) ((low & 15) | high << 4));
      fifth |= low >> 4 << j | high >> 4 << (j + HALF);
    }
    data.set(INT, block + 2, fifth);
  }

  /** The least weight becomes 0, the greatest 31. */
  static void encodeQ51(MemorySegment in, long inAt, MemorySegment data, long block) {
    float m = least(in, inAt);
    float d = (greatest(in, inAt) - m) / 31;
    float inverse = inverse(d);
    data.set(SHORT, block, Float.floatToFloat16(d));
    data.set(SHORT, block + 2, Float.floatToFloat16(m));
    int fifth = 0;
    for (int j = 0; j < HALF; j++) {
      int low = quantised((in.get(FLOAT, inAt + 4L * j) - m) * inverse + 0.5f, 31);
      int high = quantised((in.get(FLOAT, inAt + 4L * (j + HALF)) - m) * inverse + 0.5f, 31);
      data.set(JAVA_BYTE, block + 8 + j, (byte) ((low & 15) | high << 4));
      fifth |= low >> 4 << j | high >> 4 << (j + HALF);
    }
    data.set(INT, block + 4, fifth);
  }

  /** The first weight of the largest magnitude, with its sign. */
  private static float largestMagnitude(MemorySegment in, long inAt) {
    float largest = 0;
    for (int j = 0; j < SIZE; j++) {
      float weight = in.get(FLOAT, inAt + 4L * j);
      if (Math.abs(largest) < Math.abs(weight)) {
        largest = weight;
      }
    }
    return largest;
  }

  private static float least(MemorySegment in, long inAt) {
    float least = Float.MAX_VALUE;
    for (int j = 0; j < SIZE; j++) {
      least = Math.min(least, in.get(FLOAT, inAt + 4L * j));
    }
    return least;
  }

  private static float greatest(MemorySegment in, long inAt) {
    float greatest = -Float.MAX_VALUE;
    for (int j = 0; j < SIZE; j++) {
      greatest = Math.max(greatest, in.get(FLOAT, inAt + 4L * j));
    }
    return greatest;
  }

  private static float inverse(float d) {
    return d == 0 ? 0 : 1 / d;
  }

  /** Without its fraction; a scale too small to have an inverse would lead out of the range. */
  private static int quantised(float value, int largest) {
    return Math.clamp((int) value, 0, largest);
  }
}
