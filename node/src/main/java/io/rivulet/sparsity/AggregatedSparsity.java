package io.rivulet.sparsity;

import java.util.BitSet;

/** Aggregated sparsity (arXiv:2310.04564): the share of neurons that no token used. */
public final class AggregatedSparsity {

  private final int neurons;
  private final BitSet used = new BitSet();

  /** Of a layer with so many neurons. */
  public AggregatedSparsity(int neurons) {
    this.neurons = neurons;
  }

  /** Adds a token, and returns the share of neurons that neither it nor one before used. */
  public double add(BitSet active) {
    used.or(active);
    return 1 - (double) used.cardinality() / neurons;
  }
}
