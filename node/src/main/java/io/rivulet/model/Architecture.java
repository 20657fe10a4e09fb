package io.rivulet.model;

import io.rivulet.kernels.Activation;
import io.rivulet.kernels.RopeLayout;
import java.util.List;

/**
 * What the name of an architecture in a GGUF file says about the computation, beyond the numbers in
 * the file.
 *
 * @param epsilonKey where the file keeps the normalisation's epsilon, after the name and a dot
 * @param activation the function in the FFN where the file names none
 * @param scaledFrequencies whether a tensor {@code rope_freqs.weight} may divide the frequencies
 */
record Architecture(
    String name,
    Normalization normalization,
    String epsilonKey,
    RopeLayout ropeLayout,
    Activation activation,
    boolean scaledFrequencies) {

  /** Those that Rivulet computes. */
  static final List<Architecture> KNOWN =
      List.of(
          new Architecture(
              "llama",
              Normalization.ROOT_MEAN_SQUARE,
              "attention.layer_norm_rms_epsilon",
              RopeLayout.INTERLEAVED,
              Activation.SILU,
              true),
          new Architecture(
              "nemotron",
              Normalization.LAYER,
              "attention.layer_norm_epsilon",
              RopeLayout.HALVES,
              Activation.RELU_SQUARED,
              false));
}
