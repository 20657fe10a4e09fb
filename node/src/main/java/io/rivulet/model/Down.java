package io.rivulet.model;

import io.rivulet.kernels.FloatTensor;
import io.rivulet.kernels.NeuronRows;
import java.util.Optional;

/** The map from an FFN's neurons back to the residual stream, laid out for how it is read. */
sealed interface Down {

  /** Bytes of weights. */
  long bytes();

  /**
   * A row a neuron.
   *
   * @throws IllegalStateException if it is not laid out so
   */
  NeuronRows byNeurons();

  /** Whether it reads its input's codes, not its values. */
  boolean readsCodes();

  /**
   * For activations that are never exactly zero: all weights are read for every token.
   *
   * @param linear width x neurons
   */
  record Dense(Linear linear) implements Down {
    @Override
    public long bytes() {
      return linear.bytes();
    }

    @Override
    public NeuronRows byNeurons() {
      throw new IllegalStateException("the down projections are not laid out by neurons");
    }

    @Override
    public boolean readsCodes() {
      return linear.readsCodes();
    }
  }

  /**
   * For activations that are zero: a row a neuron, so that what a neuron needs lies together.
   *
   * @param rows neurons x width
   * @param bias 1 x width
   */
  record NeuronMajor(NeuronRows rows, Optional<FloatTensor> bias) implements Down {
    @Override
    public long bytes() {
      return rows.byteSize();
    }

    @Override
    public NeuronRows byNeurons() {
      return rows;
    }

    @Override
    public boolean readsCodes() {
      return false;
    }
  }
}
