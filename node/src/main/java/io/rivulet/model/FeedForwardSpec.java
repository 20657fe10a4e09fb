package io.rivulet.model;

import io.rivulet.kernels.Activation;

/**
 * What the FFN computes from its input x.
 *
 * @param gated whether it is {@code down(act(gate x) * up x)} rather than {@code down(act(up x))}
 * @param activation act
 * @param threshold for ReLU: only larger values pass (FATReLU, arXiv:2402.13516); 0 as a rule
 * @param upRectified whether {@code up x} of a gated FFN goes through ReLU too (dReLU,
 *     arXiv:2406.05955)
 */
public record FeedForwardSpec(
    boolean gated, Activation activation, float threshold, boolean upRectified) {

  /** Whether the activation is exactly zero for some inputs, so that neurons can be skipped. */
  public boolean sparse() {
    return switch (activation) {
      case RELU, RELU_SQUARED -> true;
      case SILU, GELU, GELU_ERF -> false;
    };
  }
}
