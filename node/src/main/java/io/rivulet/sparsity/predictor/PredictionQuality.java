package io.rivulet.sparsity.predictor;

/**
 * How well predictions did on samples, their tokens taken together.
 *
 * @param truePositives pairs of token and neuron that were predicted and active
 * @param predicted pairs that were predicted
 * @param active pairs that were active
 * @param pairs all pairs
 */
public record PredictionQuality(long truePositives, long predicted, long active, long pairs) {

  /** Share of what was active that was predicted; 1 where nothing was active. */
  public double recall() {
    return active == 0 ? 1 : (double) truePositives / active;
  }

  /** Share of what was predicted that was active; 1 where nothing was predicted. */
  public double precision() {
    return predicted == 0 ? 1 : (double) truePositives / predicted;
  }

  /** Share of the neurons that are predicted, on average. */
  public double density() {
    return (double) predicted / pairs;
  }

  /** Share of the neurons that are active, on average. */
  public double activeDensity() {
    return (double) active / pairs;
  }
}
