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
}
