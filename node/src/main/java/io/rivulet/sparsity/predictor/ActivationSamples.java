package io.rivulet.sparsity.predictor;

import java.util.Objects;

/**
 * What one layer saw and did, a token after another: the hidden state that its predictor reads, and
 * the neurons that were active. It may be backed by a mapped file: tokens are read in any order,
 * and no more of them is kept than a batch. Safe to read from several threads.
 */
public interface ActivationSamples {

  /** How many tokens. */
  int tokens();

  /** Columns of an input. */
  int width();

  /** Neurons of the layer. */
  int neurons();

  /**
   * Copies a token's input.
   *
   * @param values room for {@link #width()} floats or more
   */
  void input(int token, float[] values);

  /**
   * Copies a token's active set: bit {@code i % 64} of word {@code i / 64} is set where neuron i
   * was active. Bits past the last neuron are 0.
   *
   * @param bits room for {@link #words()} words
   */
  void active(int token, long[] bits);

  /** Words of an active set. */
  default int words() {
    return Math.ceilDiv(neurons(), Long.SIZE);
  }

  /** The tokens from {@code from} to {@code to} - 1, without a copy. */
  default ActivationSamples range(int from, int to) {
    Objects.checkFromToIndex(from, to, tokens());
    return new SampleRange(this, from, to - from);
  }
}
