package io.rivulet.kernels;

/**
 * How weights are stored, bit for bit as in a GGUF file (little-endian). Weights of a row are
 * stored in blocks of {@link #blockSize()} consecutive columns. Types and their layouts are those
 * of ggml (ggml-common.h); every type is computed with as it is stored.
 */
public enum WeightType {
  /** IEEE 754 binary32. */
  F32(1, 4),
  /** IEEE 754 binary16. */
  F16(1, 2),
  /** The upper 16 bits of a binary32. */
  BF16(1, 2),
  /** Blocks of 32: a binary16 scale, then 32 signed bytes; a weight is scale times byte. */
  Q8_0(32, 34),
  /** As Q8_0 with four bits from -8 to 7. */
  Q4_0(32, 18),
  /** As Q4_0 with bits from 0 to 15 and a minimum that is added. */
  Q4_1(32, 20),
  /** As Q8_0 with five bits from -16 to 15. */
  Q5_0(32, 22),
  /** As Q5_0 with bits from 0 to 31 and a minimum that is added. */
  Q5_1(32, 24),
  /** Two bits; a scale and a minimum of four bits for 16 weights. */
  Q2_K(256, 84),
  /** Three bits; a scale of six bits for 16 weights. */
  Q3_K(256, 110),
  /** Four bits; a scale and a minimum of six bits for 32 weights. */
  Q4_K(256, 144),
  /** Five bits; a scale and a minimum of six bits for 32 weights. */
  Q5_K(256, 176),
  /** Six bits; a scale of eight bits for 16 weights. */
  Q6_K(256, 210),
  /** Four bits that choose one of 16 uneven values; a scale for 32 weights. */
  IQ4_NL(32, 18),
  /** As IQ4_NL with a scale of six bits for 32 weights. */
  IQ4_XS(256, 136),
  /** -1, 0 or 1 times a scale for 256 weights; five weights a byte. */
  TQ1_0(256, 54),
  /** -1, 0 or 1 times a scale for 256 weights; four weights a byte. */
  TQ2_0(256, 66);

  private final int blockSize;
  private final int bytesPerBlock;

  WeightType(int blockSize, int bytesPerBlock) {
    this.blockSize = blockSize;
    this.bytesPerBlock = bytesPerBlock;
  }

  /** Weights in a block; the columns of a matrix are a multiple of it. */
  public int blockSize() {
    return blockSize;
  }

  /** Bytes that a block takes. */
  public int bytesPerBlock() {
    return bytesPerBlock;
  }

  /** Whether {@link WeightCodec#encodeRow} can store weights so. */
  public boolean encodable() {
    return switch (this) {
      case F32, F16, BF16, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1 -> true;
      case Q2_K, Q3_K, Q4_K, Q5_K, Q6_K, IQ4_NL, IQ4_XS, TQ1_0, TQ2_0 -> false;
    };
  }

  /**
   * Bytes that a row takes.
   *
   * @param cols weights in the row, a multiple of {@link #blockSize()}
   * @throws IllegalArgumentException if it is not
   */
  public long rowBytes(long cols) {
    if (cols < 0 || cols % blockSize != 0) {
      throw new IllegalArgumentException(
          "a row of " + this + " weights must be a multiple of " + blockSize + ", was " + cols);
    }
    return cols / blockSize * bytesPerBlock;
  }
}
