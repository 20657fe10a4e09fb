package io.rivulet.sparsity;

import io.rivulet.model.profile.PredictionQuality;
import java.util.BitSet;

/** Counts how well active neurons are predicted, over all tokens added. */
public final class PredictionTally {

  private final int neurons;
  private long tokens;
  private long active;
  private long predicted;
  private long both;

  /** For layers of so many neurons. */
  public PredictionTally(int neurons) {
    this.neurons = neurons;
  }

  /** Adds a token: the neurons that were predicted, and those that are active. */
  public void add(BitSet predictedNeurons, BitSet activeNeurons) {
    BitSet common = (BitSet) predictedNeurons.clone();
    common.and(activeNeurons);
    active += activeNeurons.cardinality();
    predicted += predictedNeurons.cardinality();
    both += common.cardinality();
    tokens++;
  }

  /**
   * Recall, precision and density over all tokens together. Where no neuron was active, recall is
   * 1; where none was predicted, precision is 1.
   */
  public PredictionQuality quality() {
    return new PredictionQuality(
        active == 0 ? 1 : (double) both / active,
        predicted == 0 ? 1 : (double) both / predicted,
        tokens == 0 ? 0 : (double) predicted / ((double) tokens * neurons));
  }
}
