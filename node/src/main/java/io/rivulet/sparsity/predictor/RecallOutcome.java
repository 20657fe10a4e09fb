package io.rivulet.sparsity.predictor;

/** What became of the search for a threshold. */
public sealed interface RecallOutcome {

  /**
   * The recall is reached.
   *
   * @param predictor with its threshold in the bias
   * @param quality on the samples
   */
  record Reached(LowRankPredictor predictor, PredictionQuality quality) implements RecallOutcome {}

  /**
   * Only predictions of too many neurons would reach the recall: the layer is better computed
   * densely.
   *
   * @param quality with the threshold that reaches it
   * @param densityBudget the most neurons that may be predicted, as a share
   */
  record BeyondBudget(PredictionQuality quality, double densityBudget) implements RecallOutcome {}

  /**
   * No neuron was active in the samples, so that there is nothing to recall.
   *
   * @param tokens how many tokens there were
   */
  record NothingActive(int tokens) implements RecallOutcome {}
}
