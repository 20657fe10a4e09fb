package io.rivulet.model;

/** How activations are normalised before attention, before the FFN and before the output. */
public enum Normalization {
  /** Mean and variance, with weight and bias (arXiv:1607.06450). */
  LAYER,
  /** Root mean square, with weight alone (arXiv:1910.07467). */
  ROOT_MEAN_SQUARE
}
