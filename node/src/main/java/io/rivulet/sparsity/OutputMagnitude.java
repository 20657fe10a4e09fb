package io.rivulet.sparsity;

import io.rivulet.kernels.FloatTensor;
import java.util.BitSet;

/**
 * The magnitude of a neuron's output (arXiv:2402.03804, section 3): its term in the sum that an FFN
 * is has the Euclidean norm {@code |activation| * ||down column||}. The activation is what down is
 * multiplied by: for a gated FFN, gate times up.
 */
public final class OutputMagnitude {

  private OutputMagnitude() {}

  /**
   * Magnitudes of a token's neurons.
   *
   * @param activations a row a token, a column a neuron
   * @param downNorms 1 x neurons
   * @param magnitudes takes them
   * @throws IllegalArgumentException if one is not finite
   */
  public static void of(
      FloatTensor activations, int token, FloatTensor downNorms, float[] magnitudes) {
    for (int i = 0; i < magnitudes.length; i++) {
      float magnitude = Math.abs(activations.get(token, i)) * downNorms.get(0, i);
      if (!Float.isFinite(magnitude)) {
        throw new IllegalArgumentException(
            "neuron %d has activation %s and a down column of norm %s, which are not finite together"
                .formatted(i, activations.get(token, i), downNorms.get(0, i)));
      }
      magnitudes[i] = magnitude;
    }
  }

  /** The neurons whose magnitude is over a threshold: the active ones. */
  public static BitSet active(float[] magnitudes, float threshold) {
    BitSet active = new BitSet(magnitudes.length);
    for (int i = 0; i < magnitudes.length; i++) {
      if (magnitudes[i] > threshold) {
        active.set(i);
      }
    }
    return active;
  }
}
