package io.rivulet.model;

import io.rivulet.kernels.FloatTensor;
import io.rivulet.kernels.Kernels;
import io.rivulet.kernels.LaneRows;
import io.rivulet.kernels.Matrix;
import io.rivulet.model.profile.NeuronOrder;
import java.util.Optional;

/**
 * Names the neurons of an FFN that are likely to be active, before its input is known: a map of low
 * rank, {@code out (in x) + bias}, of a hidden state that comes earlier (arXiv:2310.17157, section
 * 4). A neuron is named where its score is greater than zero.
 *
 * @param in rank x width
 * @param out neurons x rank, with the biases
 * @param order that the rows of out lie in, as those of gate and up do
 */
record NeuronPredictor(Matrix in, LaneRows out, Optional<NeuronOrder> order) {

  int rank() {
    return in.rows();
  }

  /** Bytes of both matrices. */
  long bytes() {
    return in.byteSize() + out.byteSize();
  }

  /** What the scores of the first {@code count} rows of x are made of: elements from to to - 1. */
  void reduce(Kernels kernels, FloatTensor x, int count, FloatTensor reduced, int from, int to) {
    kernels.multiply(in, x, count, reduced, from, to);
  }

  /** Scores of neurons {@code from}, a multiple of 16, to {@code to} - 1. */
  void score(Kernels kernels, FloatTensor reduced, int row, FloatTensor scores, int from, int to) {
    kernels.score(out, reduced, row, scores, from, to);
  }
}
