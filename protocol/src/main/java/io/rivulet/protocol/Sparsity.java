package io.rivulet.protocol;

/** How the feed-forward networks are to be computed for a request. */
public enum Sparsity {
  /** Densely. */
  OFF,
  /** Skipping only what contributes exactly zero: the same tokens as {@link #OFF}. */
  EXACT,
  /**
   * Skipping what contributes less than a calibrated threshold; only where the node has a profile
   * of its model's sparsity.
   */
  THRESHOLD,
  /**
   * Computing only what a calibrated predictor expects to contribute; only where the node's profile
   * has predictors.
   */
  PREDICTED
}
