package io.rivulet.sparsity.predictor;

import java.util.function.IntConsumer;

/** Goes through active sets. */
final class ActiveBits {

  private ActiveBits() {}

  /** How many pairs of token and neuron are active. */
  static long count(ActivationSamples samples) {
    long[] bits = new long[samples.words()];
    long count = 0;
    for (int token = 0; token < samples.tokens(); token++) {
      samples.active(token, bits);
      for (long word : bits) {
        count += Long.bitCount(word);
      }
    }
    return count;
  }

  /** Hands over the neurons of an active set, ascending. */
  static void forEach(long[] bits, IntConsumer neuron) {
    for (int word = 0; word < bits.length; word++) {
      for (long left = bits[word]; left != 0; left &= left - 1) {
        neuron.accept(word * Long.SIZE + Long.numberOfTrailingZeros(left));
      }
    }
  }
}
