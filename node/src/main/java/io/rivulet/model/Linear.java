package io.rivulet.model;

import io.rivulet.kernels.FloatTensor;
import io.rivulet.kernels.Kernels;
import io.rivulet.kernels.Matrix;
import java.util.Optional;

/**
 * A linear map, {@code W x + b}.
 *
 * @param weight outputs x inputs
 * @param bias 1 x outputs
 */
record Linear(Matrix weight, Optional<FloatTensor> bias) {

  int outputs() {
    return weight.rows();
  }

  /** Computes outputs {@code from} to {@code to} - 1 of the first {@code count} rows of x. */
  void apply(Kernels kernels, FloatTensor x, int count, FloatTensor out, int from, int to) {
    kernels.multiply(weight, x, count, out, from, to);
    if (bias.isPresent()) {
      for (int row = 0; row < count; row++) {
        kernels.addBias(out, bias.get(), row, from, to);
      }
    }
  }
}
