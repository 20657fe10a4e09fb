package io.rivulet.sparsity.calibration;

import io.rivulet.model.profile.WindowQuality;
import io.rivulet.sparsity.ActiveWindow;
import io.rivulet.sparsity.PredictionTally;
import io.rivulet.sparsity.predictor.ActivationSamples;
import io.rivulet.sparsity.predictor.LowRankPredictor;
import io.rivulet.sparsity.predictor.PredictorScores;
import java.util.BitSet;
import java.util.Optional;

/**
 * What the last tokens' active neurons would be worth as a prediction, alone and beside a
 * predictor, on the tokens that it was not trained on.
 */
final class WindowComparison {

  private final int context;
  private final ActiveWindow window;
  private final PredictionTally combined;
  private int token;

  private WindowComparison(int first, int context, int neurons) {
    token = first;
    this.context = context;
    window = new ActiveWindow(neurons, ActiveWindow.USUAL);
    combined = new PredictionTally(neurons);
  }

  static WindowQuality of(
      CalibrationRun run, ActivationSamples samples, Optional<LowRankPredictor> predictor) {
    int first = LayerPredictor.firstHeldOut(samples.tokens());
    ActivationSamples heldOut = samples.range(first, samples.tokens());
    var comparison = new WindowComparison(first, run.context(), samples.neurons());
    if (predictor.isPresent()) {
      new PredictorScores(heldOut, run.team(), run.kernels())
          .forEach(
              predictor.get(),
              (scores, active) ->
                  comparison.add(BitSet.valueOf(active), PredictorScores.named(scores)));
    } else {
      long[] active = new long[heldOut.words()];
      for (int i = 0; i < heldOut.tokens(); i++) {
        heldOut.active(i, active);
        comparison.add(BitSet.valueOf(active), new BitSet());
      }
    }
    return new WindowQuality(
        ActiveWindow.USUAL,
        comparison.window.quality(),
        predictor.map(each -> comparison.combined.quality()));
  }

  private void add(BitSet active, BitSet named) {
    if (token++ % context == 0) {
      window.restart();
    }
    if (window.full()) {
      BitSet both = window.union();
      both.or(named);
      combined.add(both, active);
    }
    window.add(active);
  }
}
