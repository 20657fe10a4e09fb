package io.rivulet.sparsity.predictor;

import io.rivulet.kernels.Kernels;
import io.rivulet.kernels.ThreadTeam;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Which rank makes a layer's token cheapest at a recall: a larger predictor costs more and names
 * fewer neurons in vain. Ranks are tried from the smallest on, each with a predictor trained and
 * measured for the purpose, until one that reaches the recall costs more than one before it.
 *
 * @param tried ranks that were tried, ascending
 */
public record RankChoice(List<Candidate> tried) {

  /**
   * A rank.
   *
   * @param outcome of the search for its threshold
   * @param bytes what a token costs with it, by {@link LayerCost}; where the recall was not
   *     reached, what it costs without
   */
  public record Candidate(int rank, RecallOutcome outcome, double bytes) {

    boolean reached() {
      return outcome instanceof RecallOutcome.Reached;
    }
  }

  /** The ranks to try, where there is no reason for others. */
  public static final List<Integer> RANKS = List.of(16, 32, 64, 128, 256);

  public RankChoice {
    tried = List.copyOf(tried);
  }

  /** The cheapest that reaches the recall; absent: the layer is better computed densely. */
  public Optional<Candidate> best() {
    return tried.stream()
        .filter(Candidate::reached)
        .min(Comparator.comparingDouble(Candidate::bytes));
  }

  /**
   * Tries ranks. What it costs is a training for each: samples may be a part of those that the
   * predictor itself will be trained on, as long as they are enough for the largest rank.
   *
   * @param samples to train on
   * @param heldOut to choose thresholds on
   * @param ranks ascending
   * @param options for all; their rank does not count
   */
  public static RankChoice among(
      List<Integer> ranks,
      ActivationSamples samples,
      ActivationSamples heldOut,
      TrainingOptions options,
      RecallTarget target,
      LayerCost cost,
      ThreadTeam team,
      Kernels kernels) {
    List<Candidate> tried = new ArrayList<>();
    double least = Double.POSITIVE_INFINITY;
    for (int rank : ranks) {
      LowRankPredictor predictor =
          PredictorTrainer.train(
              samples, options.withRank(rank), team, kernels, (done, epochs, loss) -> {});
      RecallOutcome outcome = RecallThreshold.choose(predictor, heldOut, target, team, kernels);
      Candidate candidate = new Candidate(rank, outcome, bytes(outcome, rank, cost));
      tried.add(candidate);
      if (candidate.reached() && candidate.bytes() > least) {
        break;
      }
      least = candidate.reached() ? candidate.bytes() : least;
    }
    return new RankChoice(tried);
  }

  private static double bytes(RecallOutcome outcome, int rank, LayerCost cost) {
    return switch (outcome) {
      case RecallOutcome.Reached(var predictor, var quality) ->
          cost.predicted(rank, quality.density());
      case RecallOutcome.BeyondBudget _, RecallOutcome.NothingActive _ -> cost.dense();
    };
  }
}
