package io.rivulet.sparsity.report;

/**
 * What a generated token reads, and the speed that this allows at most.
 *
 * @param denseBytes of weights if no neuron is skipped
 * @param sparseBytes of weights at the chosen point, in the mean
 * @param bandwidth bytes a second that this machine reads from memory, as measured
 */
public record MemoryTraffic(double denseBytes, double sparseBytes, double bandwidth) {

  /** Tokens a second if reading is all that takes time, with all neurons. */
  public double denseBound() {
    return bandwidth / denseBytes;
  }

  /** The same with the active neurons alone. */
  public double sparseBound() {
    return bandwidth / sparseBytes;
  }
}
