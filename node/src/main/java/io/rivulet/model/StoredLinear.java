package io.rivulet.model;

import io.rivulet.kernels.FloatTensor;
import io.rivulet.kernels.Matrix;
import java.util.Optional;

/** A {@link Linear} as the file has it. */
record StoredLinear(Matrix weight, float scale, Optional<FloatTensor> bias) {

  /** Computed with as it is. */
  Linear linear() {
    return new Linear(weight, scale, bias);
  }
}
