package io.rivulet.kernels;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;

/** How the codes of {@link CodedRows} are stored: a small whole number a weight. */
public enum CodeType {
  /** A signed byte. */
  BYTE(Byte.SIZE, 0),
  /** 0 to 15. For each 32 columns 16 bytes: column j in the low half of byte j, j + 16 above it. */
  NIBBLE(4, 0),
  /** -8 to 7, stored like {@link #NIBBLE} after 8 was added. */
  SIGNED_NIBBLE(4, 8);

  /** Columns that are stored together. */
  static final int STEP = 32;

  private static final int HALF = STEP / 2;
  private static final int MASK = 15;
  private static final int HIGH = 4;

  private final int bits;
  private final int bias;

  CodeType(int bits, int bias) {
    this.bits = bits;
    this.bias = bias;
  }

  /** What was added to a code before it was stored. */
  int bias() {
    return bias;
  }

  /** Bytes that a row takes; what is left of its last step is padding. */
  long rowBytes(int cols) {
    return Math.ceilDiv(cols, STEP) * bytesOf(STEP);
  }

  /** Bytes that columns take, a multiple of {@link #STEP}. */
  long bytesOf(int cols) {
    return (long) cols * bits / Byte.SIZE;
  }

  /** The code of a column of the row that begins at the offset. */
  int code(MemorySegment data, long row, int col) {
    return switch (this) {
      case BYTE -> data.get(JAVA_BYTE, row + col);
      case NIBBLE, SIGNED_NIBBLE -> {
        int stored = data.get(JAVA_BYTE, row + (long) col / STEP * HALF + col % HALF);
        int code = (col & HALF) == 0 ? stored : stored >> HIGH;
        yield (code & MASK) - bias;
      }
    };
  }

  /**
   * Stores codes of consecutive columns, in place.
   *
   * @param codes one a byte, from {@code from} on; those of padding count for nothing
   * @param cols a multiple of {@link #STEP}
   */
  void pack(byte[] codes, int from, int cols) {
    if (this == BYTE) {
      return;
    }
    for (int c = 0; c < cols; c += STEP) {
      for (int j = 0; j < HALF; j++) {
        int low = codes[from + c + j] + bias;
        int high = codes[from + c + j + HALF] + bias;
        codes[from + c / 2 + j] = (byte) (low | high << HIGH);
      }
    }
  }
}
