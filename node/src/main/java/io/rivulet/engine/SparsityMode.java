package io.rivulet.engine;

/** How the feed-forward networks of a model are computed. */
public enum SparsityMode {
  /** Every neuron is computed and read. */
  OFF,
  /** Only neurons whose activation is exactly zero are skipped: lossless. */
  EXACT;

  /** Whether neurons whose activation is exactly zero are left out. */
  public boolean skipsZeros() {
    return switch (this) {
      case OFF -> false;
      case EXACT -> true;
    };
  }

  /**
   * Of the modes that compute the same keys and values to the bit, the first: only their sequences
   * share a prefix. A term that is zero changes no sum, so these do.
   */
  SparsityMode keysAndValues() {
    return switch (this) {
      case OFF, EXACT -> OFF;
    };
  }
}
