package io.rivulet.sparsity.calibration;

import io.rivulet.kernels.FloatTensor;
import io.rivulet.kernels.Kernels;
import io.rivulet.kernels.Matrix;
import io.rivulet.kernels.ThreadTeam;
import io.rivulet.kernels.WeightCodec;
import io.rivulet.kernels.WeightType;
import io.rivulet.model.profile.PredictionQuality;
import io.rivulet.model.profile.PredictorWeights;
import io.rivulet.sparsity.predictor.ActivationSamples;
import io.rivulet.sparsity.predictor.LayerCost;
import io.rivulet.sparsity.predictor.LowRankPredictor;
import io.rivulet.sparsity.predictor.PredictorTrainer;
import io.rivulet.sparsity.predictor.RankChoice;
import io.rivulet.sparsity.predictor.RecallOutcome;
import io.rivulet.sparsity.predictor.RecallTarget;
import io.rivulet.sparsity.predictor.RecallThreshold;
import io.rivulet.sparsity.predictor.TrainingOptions;
import java.lang.foreign.Arena;
import java.util.Optional;

/**
 * A layer's trained predictor, and what its threshold is chosen by.
 *
 * @param trained absent where no rank reached the recall
 * @param samples of the layer; thresholds are chosen on the last
 * @param exact bytes that a token reads of the layer's FFN without predictions
 */
record LayerPredictor(
    Optional<LowRankPredictor> trained, ActivationSamples samples, LayerCost cost, double exact) {

  /** Share of the tokens that thresholds are chosen on; predictors train on the others. */
  private static final double HELD_OUT = 0.15;

  /** Ranks are compared after training on as many tokens, if there are more. */
  private static final int COMPARED_TOKENS = 16_384;

  private static final int COMPARED_EPOCHS = 4;

  /** More is not less work than all. */
  private static final double DENSITY_BUDGET = 0.6;

  /**
   * What becomes of a layer.
   *
   * @param predictor with its threshold
   * @param findings with the same, or the reason why there is none
   */
  record Outcome(Optional<LowRankPredictor> predictor, LayerFindings findings) {

    static Outcome dense(String reason) {
      return new Outcome(Optional.empty(), LayerFindings.dense(reason));
    }
  }

  /** The first token that predictors do not train on. */
  static int firstHeldOut(int tokens) {
    return (int) (tokens * (1 - HELD_OUT));
  }

  /** Trains one, with the rank that makes a token cheapest, if any reaches the recall. */
  static Optional<LowRankPredictor> train(
      ActivationSamples samples, double recall, LayerCost cost, ThreadTeam team, Kernels kernels) {
    int training = firstHeldOut(samples.tokens());
    TrainingOptions options = TrainingOptions.ofRank(RankChoice.RANKS.getFirst());
    var compared =
        new TrainingOptions(
            options.rank(),
            COMPARED_EPOCHS,
            options.batchTokens(),
            options.learningRate(),
            options.positiveWeight(),
            options.seed());
    return RankChoice.among(
            RankChoice.RANKS.stream().filter(rank -> rank < cost.width()).toList(),
            samples.range(0, Math.min(training, COMPARED_TOKENS)),
            samples.range(training, samples.tokens()),
            compared,
            new RecallTarget(recall, 1),
            cost,
            team,
            kernels)
        .best()
        .map(
            candidate ->
                PredictorTrainer.train(
                    samples.range(0, training),
                    options.withRank(candidate.rank()),
                    team,
                    kernels,
                    (done, epochs, loss) -> {}));
  }

  /** With the threshold for a recall. */
  Outcome at(double recall, ThreadTeam team, Kernels kernels, Arena arena) {
    if (trained.isEmpty()) {
      return Outcome.dense("no neuron was active");
    }
    ActivationSamples heldOut = samples.range(firstHeldOut(samples.tokens()), samples.tokens());
    RecallOutcome outcome =
        RecallThreshold.choose(
            trained.get(), heldOut, new RecallTarget(recall, DENSITY_BUDGET), team, kernels);
    return switch (outcome) {
      case RecallOutcome.NothingActive(int tokens) ->
          Outcome.dense("no neuron was active for %d tokens".formatted(tokens));
      case RecallOutcome.BeyondBudget(var quality, double budget) ->
          Outcome.dense(
              "a recall of %.3f names %.0f %% of the neurons"
                  .formatted(recall, 100 * quality.density()));
      case RecallOutcome.Reached(var predictor, var quality) ->
          cost.predicted(predictor.rank(), quality.density()) < exact
              ? new Outcome(
                  Optional.of(predictor),
                  LayerFindings.predictor(weights(predictor, quality, arena)))
              : Outcome.dense("predictions would read more than they save");
    };
  }

  private static PredictorWeights weights(
      LowRankPredictor predictor,
      io.rivulet.sparsity.predictor.PredictionQuality quality,
      Arena arena) {
    return new PredictorWeights(
        matrix(predictor.in(), WeightType.F32, arena),
        matrix(predictor.out(), WeightType.F16, arena),
        predictor.bias(),
        new PredictionQuality(quality.recall(), quality.precision(), quality.density()));
  }

  private static Matrix matrix(FloatTensor values, WeightType type, Arena arena) {
    long rowBytes = type.rowBytes(values.cols());
    var data = arena.allocate(rowBytes * values.rows(), FloatTensor.ALIGNMENT);
    for (int row = 0; row < values.rows(); row++) {
      WeightCodec.encodeRow(values, row, values.cols(), type, data, row * rowBytes);
    }
    return new Matrix(type, values.rows(), values.cols(), data);
  }
}
