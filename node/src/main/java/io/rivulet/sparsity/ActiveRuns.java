package io.rivulet.sparsity;

import io.rivulet.model.profile.NeuronOrder;
import java.util.BitSet;

/** How long the runs of active neurons are that lie side by side under an order. */
public final class ActiveRuns {

  private final int[] places;
  private long active;
  private long runs;
  private long longest;

  /** Under an order. */
  public ActiveRuns(NeuronOrder order) {
    places = order.places();
  }

  /** In the model's own order. */
  public static ActiveRuns inModelOrder(int neurons) {
    return new ActiveRuns(NeuronOrder.ofModel(neurons));
  }

  /** Adds a token. */
  public void add(BitSet activeNeurons) {
    BitSet placed = new BitSet(places.length);
    activeNeurons.stream().forEach(neuron -> placed.set(places[neuron]));
    for (int from = placed.nextSetBit(0); from >= 0; ) {
      int end = placed.nextClearBit(from);
      active += end - from;
      longest = Math.max(longest, end - from);
      runs++;
      from = placed.nextSetBit(end);
    }
  }

  /** Runs in all tokens. */
  public long runs() {
    return runs;
  }

  /** Neurons of a run, in the mean; 0 where none was active. */
  public double meanLength() {
    return runs == 0 ? 0 : (double) active / runs;
  }

  /** Neurons of the longest run. */
  public long longest() {
    return longest;
  }
}
