package io.rivulet.sparsity.calibration;

import io.rivulet.kernels.Kernels;
import io.rivulet.kernels.ThreadTeam;
import io.rivulet.model.profile.NeuronOrder;
import io.rivulet.sparsity.ActivationSample;
import io.rivulet.sparsity.ActiveRuns;
import io.rivulet.sparsity.NeuronChain;
import io.rivulet.sparsity.predictor.ActivationSamples;
import io.rivulet.sparsity.predictor.LowRankPredictor;
import io.rivulet.sparsity.predictor.PredictorScores;
import java.util.BitSet;
import java.util.function.Consumer;

/**
 * An order of a layer's neurons that puts those side by side which its predictor names together, as
 * those are the ones whose rows are read.
 *
 * @param before neurons of a run of named ones, in the mean, in the model's order
 * @param after the same in this order, both of tokens that the order was not made for
 */
record NamedOrder(NeuronOrder order, double before, double after) {

  /** Tokens that co-activation is counted over. */
  private static final int SAMPLE = 4096;

  static NamedOrder find(
      ActivationSamples samples, LowRankPredictor predictor, ThreadTeam team, Kernels kernels) {
    int heldOut = LayerPredictor.firstHeldOut(samples.tokens());
    var sample = new ActivationSample(samples.neurons(), SAMPLE, 1);
    named(
        samples.range(Math.max(0, heldOut - SAMPLE), heldOut),
        predictor,
        team,
        kernels,
        sample::add);
    NeuronOrder order = NeuronChain.of(sample);
    ActiveRuns before = ActiveRuns.inModelOrder(samples.neurons());
    ActiveRuns after = new ActiveRuns(order);
    named(
        samples.range(heldOut, samples.tokens()),
        predictor,
        team,
        kernels,
        neurons -> {
          before.add(neurons);
          after.add(neurons);
        });
    return new NamedOrder(order, before.meanLength(), after.meanLength());
  }

  private static void named(
      ActivationSamples samples,
      LowRankPredictor predictor,
      ThreadTeam team,
      Kernels kernels,
      Consumer<BitSet> each) {
    new PredictorScores(samples, team, kernels)
        .forEach(predictor, (scores, active) -> each.accept(PredictorScores.named(scores)));
  }
}
