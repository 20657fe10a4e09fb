package io.rivulet.kernels.bench;

/** Where weights come from when they are read. */
public enum Memory {
  /** One matrix that stays in a core's second-level cache. */
  CACHE(1L << 20, 1L << 20),
  /** Many in turn, so many that none is in a cache when its turn comes again. */
  DRAM(16L << 20, 512L << 20);

  private final long matrixBytes;
  private final long bytes;

  Memory(long matrixBytes, long bytes) {
    this.matrixBytes = matrixBytes;
    this.bytes = bytes;
  }

  /** Rows that about fill a matrix. */
  int rows(long rowBytes) {
    return (int) (matrixBytes / rowBytes) / Samples.ROW_STEP * Samples.ROW_STEP;
  }

  /** How many matrices there are. */
  int count() {
    return (int) (bytes / matrixBytes);
  }
}
