package io.rivulet.model;

import io.rivulet.kernels.FloatTensor;
import io.rivulet.kernels.Kernels;
import java.util.Optional;

/**
 * The learned part of a normalisation.
 *
 * @param weight 1 x width
 * @param bias 1 x width, for {@link Normalization#LAYER} alone
 */
record Norm(FloatTensor weight, Optional<FloatTensor> bias) {

  /** Normalises a row of x into the same row of out. */
  void apply(Kernels kernels, FloatTensor x, int row, float epsilon, FloatTensor out) {
    if (bias.isPresent()) {
      kernels.layerNorm(x, row, 0, weight, bias.get(), epsilon, out);
    } else {
      kernels.rmsNorm(x, row, 0, weight, epsilon, out);
    }
  }
}
