package io.rivulet.model;

/** How the feed-forward networks of a model are computed for a token. */
public enum SparsityMode {
  /** Every neuron is computed and read. */
  OFF,
  /** Only neurons whose activation is exactly zero are skipped: lossless. */
  EXACT,
  /**
   * Neurons are skipped whose output is of a magnitude not above the layer's calibrated threshold.
   */
  THRESHOLD,
  /** Of those that a lookahead predictor names, the rest is not computed at all. */
  PREDICTED;

  /** Whether it needs what a calibration found of the model. */
  public boolean calibrated() {
    return switch (this) {
      case OFF, EXACT -> false;
      case THRESHOLD, PREDICTED -> true;
    };
  }

  /** How a prompt is computed: whatever is skipped later, to the bits of all neurons. */
  public SparsityMode ofPrompt() {
    return calibrated() ? EXACT : this;
  }
}
