package io.rivulet.model.profile;

import java.util.Arrays;

/** A permutation of a layer's neurons: which neuron of the model stands at each place. */
public final class NeuronOrder {

  private final int[] neurons;

  /**
   * Takes it.
   *
   * @param neurons for each place, from 0 on, the model's neuron
   * @throws IllegalArgumentException if one is missing or stands at two places
   */
  public NeuronOrder(int... neurons) {
    this.neurons = neurons.clone();
    boolean[] seen = new boolean[neurons.length];
    for (int neuron : neurons) {
      if (neuron < 0 || neuron >= neurons.length || seen[neuron]) {
        throw new IllegalArgumentException(
            "an order of %d neurons has each from 0 to %d once, but %d is there %s"
                .formatted(
                    neurons.length,
                    neurons.length - 1,
                    neuron,
                    neuron >= 0 && neuron < neurons.length ? "twice" : "too"));
      }
      seen[neuron] = true;
    }
  }

  /** How many neurons there are. */
  public int size() {
    return neurons.length;
  }

  /** The model's neuron that stands at a place. */
  public int neuron(int place) {
    return neurons[place];
  }

  /** For each place, the model's neuron; a copy. */
  public int[] toArray() {
    return neurons.clone();
  }

  /** For each neuron of the model, its place; a copy. */
  public int[] places() {
    int[] places = new int[neurons.length];
    for (int place = 0; place < neurons.length; place++) {
      places[neurons[place]] = place;
    }
    return places;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof NeuronOrder order && Arrays.equals(neurons, order.neurons);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(neurons);
  }

  @Override
  public String toString() {
    return "NeuronOrder" + Arrays.toString(neurons);
  }
}
