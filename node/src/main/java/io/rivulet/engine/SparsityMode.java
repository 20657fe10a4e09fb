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
   * A number that modes have in common if they compute the same keys and values to the bit: only
   * their sequences share a prefix. A term that is zero changes no sum, so these do.
   */
  int keysAndValues() {
    return switch (this) {
      case OFF, EXACT -> 0;
    };
  }
}
