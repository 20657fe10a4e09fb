package io.rivulet.sparsity;

import io.rivulet.model.profile.NeuronOrder;

/**
 * An order of neurons that puts those side by side which are active together. The runs of active
 * neurons, counted over a sample's tokens, are half of the tokens that the neighbours of an order
 * are apart for, summed over all neighbours: so the best order is the shortest path through all
 * neurons. This is the nearest neighbour path: it begins at the neuron that is active most often,
 * and goes on to the neuron that is apart from it for the fewest tokens; of equals, the lowest.
 */
public final class NeuronChain {

  private NeuronChain() {}

  /** The order; takes time with the square of the neurons. */
  public static NeuronOrder of(ActivationSample sample) {
    int neurons = sample.neurons();
    int[] order = new int[neurons];
    boolean[] placed = new boolean[neurons];
    int last = mostActive(sample);
    for (int place = 0; place < neurons; place++) {
      order[place] = last;
      placed[last] = true;
      int nearest = -1;
      int least = Integer.MAX_VALUE;
      for (int other = 0; other < neurons; other++) {
        if (!placed[other]) {
          int apart = sample.apart(last, other);
          if (apart < least) {
            least = apart;
            nearest = other;
          }
        }
      }
      last = nearest;
    }
    return new NeuronOrder(order);
  }

  private static int mostActive(ActivationSample sample) {
    int most = 0;
    for (int neuron = 1; neuron < sample.neurons(); neuron++) {
      if (sample.active(neuron) > sample.active(most)) {
        most = neuron;
      }
    }
    return most;
  }
}
