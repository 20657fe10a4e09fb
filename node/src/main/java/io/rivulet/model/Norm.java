package io.rivulet.model;

import io.rivulet.kernels.FloatTensor;
import io.rivulet.kernels.Kernels;
import java.util.Optional;

/**
 * The learned part of a normalisation, of as many elements as it has weights.
 *
 * @param weight 1 x elements
 * @param bias 1 x elements, for {@link Normalization#LAYER} alone
 */
record Norm(FloatTensor weight, Optional<FloatTensor> bias) {

  /** Normalises a row's elements from a column on, into the same place of out. */
  void apply(Kernels kernels, FloatTensor x, int row, int column, float epsilon, FloatTensor out) {
    if (bias.isPresent()) {
      kernels.layerNorm(x, row, column, weight, bias.get(), epsilon, out);
    } else {
      kernels.rmsNorm(x, row, column, weight, epsilon, out);
    }
  }
}
