package io.rivulet.model;

import io.rivulet.kernels.FloatTensor;
import io.rivulet.kernels.Kernels;
import io.rivulet.kernels.Matrix;
import io.rivulet.kernels.PackedMatrix;
import io.rivulet.kernels.WeightMatrix;
import java.util.Optional;

/**
 * A linear map, {@code scale W x + b}.
 *
 * @param weight outputs x inputs
 * @param scale 1 unless the file keeps the matrix without its scale
 * @param bias 1 x outputs
 */
record Linear(WeightMatrix weight, float scale, Optional<FloatTensor> bias) {

  int outputs() {
    return weight.rows();
  }

  /** Bytes of the matrix. */
  long bytes() {
    return weight.byteSize();
  }

  /** Whether it reads its input's codes, not its values. */
  boolean readsCodes() {
    return weight instanceof PackedMatrix;
  }

  /** Computes outputs {@code from} to {@code to} - 1 of the first {@code count} rows of x. */
  void apply(Kernels kernels, LinearInput x, int count, FloatTensor out, int from, int to) {
    switch (weight) {
      case Matrix matrix -> kernels.multiply(matrix, x.values(), count, out, from, to);
      case PackedMatrix packed ->
          kernels.multiply(packed, x.codes().orElseThrow(), count, out, from, to);
    }
    for (int row = 0; row < count; row++) {
      if (scale != 1) {
        kernels.scale(out, row, from, to, scale);
      }
      if (bias.isPresent()) {
        kernels.addBias(out, bias.get(), row, from, to);
      }
    }
  }
}
