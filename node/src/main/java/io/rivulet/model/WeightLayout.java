package io.rivulet.model;

/** How the matrices of a file are laid out to compute with. */
interface WeightLayout {

  /** A map that all its weights are read for. */
  Linear linear(StoredLinear stored);

  /** A gate or up projection, neurons x width: rows of it may be all that is read. */
  Linear neurons(StoredLinear stored);

  /** A down projection, width x neurons. */
  Down down(StoredLinear stored);
}
