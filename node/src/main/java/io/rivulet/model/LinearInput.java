package io.rivulet.model;

import io.rivulet.kernels.ActivationCodes;
import io.rivulet.kernels.FloatTensor;
import io.rivulet.kernels.Kernels;
import java.lang.foreign.Arena;
import java.util.Optional;

/**
 * What linear maps read: a batch's rows.
 *
 * @param values rows x inputs
 * @param codes the same in int8, where a map reads them
 */
record LinearInput(FloatTensor values, Optional<ActivationCodes> codes) {

  /** Room for so many rows. */
  static LinearInput allocate(Arena arena, int rows, int inputs, boolean withCodes) {
    return new LinearInput(
        FloatTensor.allocate(arena, rows, inputs),
        withCodes ? Optional.of(ActivationCodes.allocate(arena, rows, inputs)) : Optional.empty());
  }

  int rows() {
    return values.rows();
  }

  /** To be called once a row's values are there. */
  void finish(Kernels kernels, int row) {
    if (codes.isPresent()) {
      kernels.quantize(values, row, codes.get());
    }
  }
}
