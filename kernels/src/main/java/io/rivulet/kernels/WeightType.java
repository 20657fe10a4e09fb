package io.rivulet.kernels;

/**
 * How weights are stored, bit for bit as in a GGUF file (little-endian). Weights of a row are
 * stored in blocks of {@link #blockSize()} consecutive columns.
 */
public enum WeightType {
  /** IEEE 754 binary32. */
  F32(1, 4),
  /** IEEE 754 binary16. */
  F16(1, 2),
  /** The upper 16 bits of a binary32. */
  BF16(1, 2),
  /** Blocks of 32: a binary16 scale, then 32 signed bytes; a weight is scale times byte. */
  Q8_0(32, 34);

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
