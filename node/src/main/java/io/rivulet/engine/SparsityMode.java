package io.rivulet.engine;

/** How the feed-forward networks of a model are computed. */
public enum SparsityMode {
  /** Every neuron is computed and read. */
  OFF,
  /** Only neurons whose activation is exactly zero are skipped: lossless. */
  EXACT
}
