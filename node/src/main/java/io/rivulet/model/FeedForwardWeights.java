package io.rivulet.model;

import io.rivulet.model.profile.NeuronOrder;
import java.util.Optional;

/**
 * The weights of a block's FFN.
 *
 * @param norm of its input
 * @param gate present where it is gated
 * @param order that the rows of gate and up lie in, where it is not the model's: see RATIONALE.md
 * @param innerNorm of the neurons, before down
 * @param normAfter of what down gives
 */
record FeedForwardWeights(
    Norm norm,
    Optional<Linear> gate,
    Linear up,
    Optional<NeuronOrder> order,
    Optional<Norm> innerNorm,
    Down down,
    Optional<Norm> normAfter) {

  /** Whether a map of its input reads codes. */
  boolean readsCodes() {
    return up.readsCodes() || (gate.isPresent() && gate.get().readsCodes());
  }

  /** Bytes of the matrices. */
  FeedForwardBytes bytes() {
    return new FeedForwardBytes(gateBytes(), up.bytes(), down.bytes());
  }

  /** Bytes of the matrices that every token reads, whatever its activations. */
  long denseBytes() {
    return gateBytes() + up.bytes();
  }

  /** Asked for in every step: not by map(), which makes an object of the number. */
  private long gateBytes() {
    return gate.isPresent() ? gate.get().bytes() : 0;
  }
}
