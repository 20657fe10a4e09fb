package io.rivulet.sparsity.predictor;

/**
 * How to train a predictor.
 *
 * @param rank a multiple of {@link LowRankPredictor#RANK_STEP}
 * @param epochs how often all samples are gone through
 * @param batchTokens tokens between one step and the next
 * @param learningRate of the first steps after the warm-up; it falls to 0 as half a cosine
 * @param positiveWeight what an active neuron counts for in the loss where an inactive one counts
 *     for 1
 * @param seed of the first weights and of the order of the samples
 */
public record TrainingOptions(
    int rank, int epochs, int batchTokens, float learningRate, float positiveWeight, long seed) {

  public TrainingOptions {
    LowRankPredictor.checkRank(rank);
    check("epochs", epochs, 1, 10_000);
    check("batch tokens", batchTokens, 1, 65_536);
    check("learning rate", learningRate, Float.MIN_NORMAL, 1);
    check("positive weight", positiveWeight, 1e-3f, 1e3f);
  }

  /** What suits most layers, at a rank. */
  public static TrainingOptions ofRank(int rank) {
    return new TrainingOptions(rank, 8, 256, 2e-2f, 10, 1);
  }

  /** The same with another rank. */
  public TrainingOptions withRank(int other) {
    return new TrainingOptions(other, epochs, batchTokens, learningRate, positiveWeight, seed);
  }

  private static void check(String what, float value, float least, float most) {
    if (!(value >= least && value <= most)) {
      throw new IllegalArgumentException(
          "%s must be from %s to %s, was %s".formatted(what, least, most, value));
    }
  }
}
