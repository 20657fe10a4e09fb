package io.rivulet.trainer;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** How a tensor's numbers are stored in GGUF. */
enum TensorFormat {
  F32(0) {
    @Override
    byte[] encode(float[] data) {
      ByteBuffer out = ByteBuffer.allocate(4 * data.length).order(ByteOrder.LITTLE_ENDIAN);
      out.asFloatBuffer().put(data);
      return out.array();
    }
  },

  /**
   * Blocks of 32: a half-precision scale of a 127th of the largest magnitude, then signed bytes.
   */
  Q8_0(8) {
    @Override
    byte[] encode(float[] data) {
      ByteBuffer out =
          ByteBuffer.allocate(data.length / BLOCK * (2 + BLOCK)).order(ByteOrder.LITTLE_ENDIAN);
      for (int block = 0; block < data.length; block += BLOCK) {
        float largest = 0;
        for (int i = block; i < block + BLOCK; i++) {
          largest = Math.max(largest, Math.abs(data[i]));
        }
        float scale = largest / Byte.MAX_VALUE;
        out.putShort(Float.floatToFloat16(scale));
        for (int i = block; i < block + BLOCK; i++) {
          out.put((byte) (scale == 0 ? 0 : Math.round(data[i] / scale)));
        }
      }
      return out.array();
    }
  };

  private static final int BLOCK = 32;

  private final int code;

  TensorFormat(int code) {
    this.code = code;
  }

  /** The number that stands for it in a GGUF file. */
  int code() {
    return code;
  }

  abstract byte[] encode(float[] data);
}
