package io.rivulet.model;

import io.rivulet.model.profile.NeuronOrder;

/** How the matrices of a file are laid out to compute with. */
interface WeightLayout {

  /** A map that all its weights are read for. */
  Linear linear(StoredLinear stored);

  /** A map to the neurons of a layer, whose rows are to lie in an order of their own. */
  Linear inOrder(StoredLinear stored, NeuronOrder order);

  /** A down projection, width x neurons. */
  Down down(StoredLinear stored);
}
