package io.rivulet.model;

import io.rivulet.model.profile.NeuronOrder;
import java.util.Optional;

/** How the matrices of a file are laid out to compute with. */
interface WeightLayout {

  /** A map that all its weights are read for. */
  Linear linear(StoredLinear stored);

  /** Whether the rows of a gate or up projection may lie in another order than the file's. */
  boolean orders(StoredLinear stored);

  /**
   * A gate or up projection, neurons x width: rows of it may be all that is read.
   *
   * @param order that they are to lie in, if not the file's
   */
  Linear neurons(StoredLinear stored, Optional<NeuronOrder> order);

  /** A down projection, width x neurons. */
  Down down(StoredLinear stored);
}
