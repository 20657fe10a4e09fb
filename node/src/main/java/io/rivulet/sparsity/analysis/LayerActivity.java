package io.rivulet.sparsity.analysis;

import io.rivulet.kernels.FloatTensor;
import io.rivulet.model.profile.LayerProfile;
import io.rivulet.model.profile.PredictorWeights;
import io.rivulet.model.profile.WindowQuality;
import io.rivulet.sparsity.ActivationSample;
import io.rivulet.sparsity.ActiveRuns;
import io.rivulet.sparsity.ActiveWindow;
import io.rivulet.sparsity.AggregatedSparsity;
import io.rivulet.sparsity.CoActivation;
import io.rivulet.sparsity.MagnitudeHistogram;
import io.rivulet.sparsity.NeuronChain;
import io.rivulet.sparsity.OutputMagnitude;
import io.rivulet.sparsity.report.LayerAnalysis;
import io.rivulet.sparsity.report.MagnitudeDistribution;
import java.util.BitSet;

/** What is counted of a layer while a text goes through the model. */
final class LayerActivity {

  /** Tokens that co-activation is counted over. */
  private static final int SAMPLE = 4096;

  private final LayerProfile profile;
  private final float threshold;
  private final float[] magnitudes;
  private final MagnitudeHistogram histogram = new MagnitudeHistogram();
  private final ActiveWindow last;
  private final ActiveWindow window;
  private final ActivationSample sample;
  private final AggregatedSparsity aggregated;
  private final ActiveRuns runs;
  private double neverActive = 1;
  private long active;
  private long tokens;

  LayerActivity(LayerProfile profile, int point, int windowTokens) {
    this.profile = profile;
    int neurons = profile.neurons();
    threshold = profile.thresholds().get(0, point);
    magnitudes = new float[neurons];
    last = new ActiveWindow(neurons, 1);
    window = new ActiveWindow(neurons, windowTokens);
    sample = new ActivationSample(neurons, SAMPLE, 1);
    aggregated = new AggregatedSparsity(neurons);
    runs = ActiveRuns.inModelOrder(neurons);
  }

  /** Another text begins, or another window of it. */
  void restart() {
    last.restart();
    window.restart();
  }

  void add(FloatTensor activations, int row) {
    BitSet neurons = active(activations, row);
    for (float magnitude : magnitudes) {
      histogram.add(magnitude);
    }
    last.add(neurons);
    window.add(neurons);
    sample.add(neurons);
    runs.add(neurons);
    neverActive = aggregated.add(neurons);
    active += neurons.cardinality();
    tokens++;
  }

  BitSet active(FloatTensor activations, int row) {
    OutputMagnitude.of(activations, row, profile.downNorms(), magnitudes);
    return OutputMagnitude.active(magnitudes, threshold);
  }

  /** Counts runs in an order that was found for what has been added so far. */
  ActiveRuns ordered() {
    return new ActiveRuns(NeuronChain.of(sample));
  }

  LayerAnalysis analysis(ActiveRuns ordered) {
    return new LayerAnalysis(
        threshold,
        (double) active / ((double) tokens * magnitudes.length),
        MagnitudeDistribution.of(histogram),
        profile.predictor().map(PredictorWeights::quality),
        last.quality().recall(),
        window.quality(),
        profile.window().flatMap(WindowQuality::combined),
        neverActive,
        CoActivation.gap(sample),
        runs.meanLength(),
        ordered.meanLength(),
        profile.dense());
  }
}
