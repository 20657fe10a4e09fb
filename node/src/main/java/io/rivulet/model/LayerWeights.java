package io.rivulet.model;

/** The weights of one transformer block. */
record LayerWeights(AttentionWeights attention, FeedForwardWeights feedForward) {

  /** Bytes of the matrices that every token reads, whatever its activations. */
  long denseBytes() {
    return attention.bytes() + feedForward.denseBytes();
  }
}
