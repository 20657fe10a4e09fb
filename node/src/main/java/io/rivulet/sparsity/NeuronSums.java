package io.rivulet.sparsity;

import io.rivulet.kernels.FloatTensor;
import io.rivulet.kernels.Kernels;
import io.rivulet.kernels.NeuronRows;

/** Sums of neurons' outputs: down rows times activations. */
public interface NeuronSums {

  /** Numbers of an output. */
  int width();

  /**
   * Writes the sum of some neurons' outputs for one token.
   *
   * @param activations 1 x neurons
   * @param ids neurons, ascending, each once
   * @param sum takes the result: 1 x width
   */
  void sum(FloatTensor activations, int[] ids, FloatTensor sum);

  /** Over a down projection that is laid out by neurons. */
  static NeuronSums of(Kernels kernels, NeuronRows down) {
    return new NeuronSums() {
      @Override
      public int width() {
        return down.cols();
      }

      @Override
      public void sum(FloatTensor activations, int[] ids, FloatTensor sum) {
        kernels.accumulateRows(
            down, activations, 1, new int[][] {ids}, new int[] {ids.length}, sum, 0, down.cols());
      }
    };
  }
}
