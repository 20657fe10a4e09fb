package io.rivulet.model;

/** How the matrices of a file are laid out to compute with. */
interface WeightLayout {

  /** A map that all its weights are read for. */
  Linear linear(StoredLinear stored);

  /** A down projection, width x neurons. */
  Down down(StoredLinear stored);
}
