package io.rivulet.sparsity.predictor;

import java.util.function.IntConsumer;

/** Goes through the neurons of an active set, ascending. */
final class ActiveBits {

  private ActiveBits() {}

  static void forEach(long[] bits, IntConsumer neuron) {
    for (int word = 0; word < bits.length; word++) {
      for (long left = bits[word]; left != 0; left &= left - 1) {
        neuron.accept(word * Long.SIZE + Long.numberOfTrailingZeros(left));
      }
    }
  }
}
