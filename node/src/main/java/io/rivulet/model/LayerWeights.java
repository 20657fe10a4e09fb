package io.rivulet.model;

import java.util.Optional;

/**
 * The weights of one transformer block.
 *
 * @param gate present where the FFN is gated
 */
record LayerWeights(
    Norm attentionNorm,
    Linear query,
    Linear key,
    Linear value,
    Linear attentionOutput,
    Norm ffnNorm,
    Optional<Linear> gate,
    Linear up,
    Down down) {

  /** Bytes of the matrices that every token reads, whatever its activations. */
  long denseBytes() {
    return query.weight().byteSize()
        + key.weight().byteSize()
        + value.weight().byteSize()
        + attentionOutput.weight().byteSize()
        + gate.map(linear -> linear.weight().byteSize()).orElse(0L)
        + up.weight().byteSize();
  }
}
