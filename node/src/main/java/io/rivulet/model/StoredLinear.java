package io.rivulet.model;

import io.rivulet.kernels.FloatTensor;
import io.rivulet.kernels.Matrix;
import io.rivulet.model.profile.NeuronOrder;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** A {@link Linear} as the file has it. */
record StoredLinear(Matrix weight, float scale, Optional<FloatTensor> bias) {

  /** Computed with as it is. */
  Linear linear() {
    return new Linear(weight, scale, bias);
  }

  /**
   * The matrix with its rows in another order.
   *
   * @param arena owns the rows, which are copied
   */
  Matrix rowsInOrder(NeuronOrder order, Arena arena) {
    long rowBytes = weight.rowBytes();
    MemorySegment rows = arena.allocate(weight.byteSize(), FloatTensor.ALIGNMENT);
    for (int place = 0; place < order.size(); place++) {
      long from = order.neuron(place) * rowBytes;
      MemorySegment.copy(weight.data(), from, rows, place * rowBytes, rowBytes);
    }
    return new Matrix(weight.type(), weight.rows(), weight.cols(), rows);
  }
}
