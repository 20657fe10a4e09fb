package io.rivulet.model;

import io.rivulet.kernels.FloatTensor;

/**
 * Sees what FFNs are computed from and come to, layer by layer. Called on the thread that runs the
 * batch; what is shown changes afterwards.
 */
public interface FeedForwardObserver {

  /** The normalised input of a layer's attention: a row a row of the batch. */
  void onAttentionInput(int layer, FloatTensor input, int rows);

  /** The activations that a layer's down projection is multiplied by: a row a row of the batch. */
  void onNeurons(int layer, FloatTensor activations, int rows);
}
