package io.rivulet.protocol;

/** How the feed-forward networks are to be computed for a request. */
public enum Sparsity {
  /** Densely. */
  OFF,
  /** Skipping only what contributes exactly zero: the same tokens as {@link #OFF}. */
  EXACT
}
