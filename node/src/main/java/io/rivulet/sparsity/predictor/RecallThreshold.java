package io.rivulet.sparsity.predictor;

import io.rivulet.kernels.Kernels;
import io.rivulet.kernels.ThreadTeam;

/**
 * Chooses from samples that no training saw how high a score must be for a prediction: the highest
 * threshold, one for all neurons of the layer, at which the predictions of all tokens together
 * reach a recall. It becomes part of the bias. A missed neuron costs accuracy, one too many only
 * time, so it is the recall that is set and the density that follows.
 */
public final class RecallThreshold {

  /** What rounding may take from a score when the threshold goes to the bias, as a share. */
  private static final float MARGIN = 0x1p-20f;

  private RecallThreshold() {}

  /** Finds the threshold; whatever bias the predictor has, it is only shifted. */
  public static RecallOutcome choose(
      LowRankPredictor predictor,
      ActivationSamples heldOut,
      RecallTarget target,
      ThreadTeam team,
      Kernels kernels) {
    PredictorScores scores = new PredictorScores(heldOut, team, kernels);
    long active = ActiveBits.count(heldOut);
    if (active == 0) {
      return new RecallOutcome.NothingActive(heldOut.tokens());
    }
    long wanted = Math.max(1, (long) Math.ceil(target.recall() * active));
    float threshold =
        ScoreRanks.kthLargest(
            wanted,
            each ->
                scores.forEach(
                    predictor, (row, bits) -> ActiveBits.forEach(bits, i -> each.accept(row[i]))));
    float below = threshold - MARGIN * Math.max(1, Math.abs(threshold));
    LowRankPredictor shifted = predictor.shifted(-below);
    PredictionQuality quality = scores.quality(shifted);
    return quality.density() > target.densityBudget()
        ? new RecallOutcome.BeyondBudget(quality, target.densityBudget())
        : new RecallOutcome.Reached(shifted, quality);
  }
}
