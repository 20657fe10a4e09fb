package io.rivulet.model.profile;

import io.rivulet.kernels.FloatTensor;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.stream.IntStream;

/** A permutation of a layer's neurons: which neuron of the model stands at each place. */
public final class NeuronOrder {

  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

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

  /** The order that the model has them in. */
  public static NeuronOrder ofModel(int neurons) {
    return new NeuronOrder(IntStream.range(0, neurons).toArray());
  }

  /** How many neurons there are. */
  public int size() {
    return neurons.length;
  }

  /** The model's neuron that stands at a place. */
  public int neuron(int place) {
    return neurons[place];
  }

  /** What each neuron of the model has, for each place. */
  public float[] placed(float[] ofNeurons) {
    float[] placed = new float[neurons.length];
    for (int place = 0; place < neurons.length; place++) {
      placed[place] = ofNeurons[neurons[place]];
    }
    return placed;
  }

  /**
   * Copies numbers to the neurons that stand at their places.
   *
   * @param placed a column a place
   * @param places those to copy, as many as {@code count}
   * @param ofNeurons a column a neuron of the model
   */
  public void restore(FloatTensor placed, int row, int[] places, int count, FloatTensor ofNeurons) {
    long from = placed.offset(row, 0);
    long to = ofNeurons.offset(row, 0);
    for (int i = 0; i < count; i++) {
      int place = places[i];
      float value = placed.data().get(FLOAT, from + (long) place * Float.BYTES);
      ofNeurons.data().set(FLOAT, to + (long) neurons[place] * Float.BYTES, value);
    }
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
