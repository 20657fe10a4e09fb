package io.rivulet.kernels;

import static io.rivulet.kernels.FloatTensor.FLOAT;
import static io.rivulet.kernels.WeightCodec.SHORT;
import static io.rivulet.kernels.WeightCodec.float16;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;

/**
 * Decodes types whose four bits choose one of 16 values that are not evenly spaced. Bytes hold the
 * bits of weight j of a group of 32 and, above them, those of weight j + 16.
 */
final class CodebookQuants {

  /** ggml's {@code kvalues_iq4nl}. */
  static final byte[] VALUES = {
    -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113
  };

  static final int GROUP = 32;

  private CodebookQuants() {}

  /** d, then the bits of 32 weights. */
  static void decodeNl(MemorySegment data, long at, int blocks, MemorySegment out, long outAt) {
    for (int b = 0; b < blocks; b++) {
      long block = at + (long) b * WeightType.IQ4_NL.bytesPerBlock();
      decodeGroup(float16(data, block), data, block + 2, out, outAt + 4L * GROUP * b);
    }
  }

  /** d; the upper two bits of eight scales; their lower four bits; the bits of 256 weights. */
  static void decodeXs(MemorySegment data, long at, int blocks, MemorySegment out, long outAt) {
    for (int b = 0; b < blocks; b++) {
      long block = at + (long) b * WeightType.IQ4_XS.bytesPerBlock();
      float d = float16(data, block);
      for (int group = 0; group < 8; group++) {
        float scale = d * xsScale(data, block, group);
        long y = outAt + 4L * GROUP * (8L * b + group);
        decodeGroup(scale, data, block + 8 + 16L * group, out, y);
      }
    }
  }

  /** What d of an IQ4_XS block is multiplied by for a group. */
  static int xsScale(MemorySegment data, long block, int group) {
    int high = data.get(SHORT, block + 2) >> (2 * group) & 3;
    int low = data.get(JAVA_BYTE, block + 4 + group / 2) >> (group % 2 * 4) & 15;
    return (low | high << 4) - 32;
  }

  private static void decodeGroup(
      float scale, MemorySegment data, long at, MemorySegment out, long y) {
    for (int j = 0; j < GROUP / 2; j++) {
      int q = data.get(JAVA_BYTE, at + j);
      out.set(FLOAT, y + 4L * j, scale * VALUES[q & 15]);
      out.set(FLOAT, y + 4L * (j + GROUP / 2), scale * VALUES[q >> 4 & 15]);
    }
  }
}
