package io.rivulet.sparsity.analysis;

import io.rivulet.kernels.FloatTensor;
import io.rivulet.kernels.ReadProbe;
import io.rivulet.kernels.ThreadTeam;
import io.rivulet.model.FeedForwardSpec;
import io.rivulet.model.LoadedModel;
import io.rivulet.model.Transformer;
import io.rivulet.model.profile.PredictorWeights;
import io.rivulet.model.profile.SparsityProfile;
import io.rivulet.sparsity.ActiveRuns;
import io.rivulet.sparsity.ActiveWindow;
import io.rivulet.sparsity.calibration.CalibrationProgress;
import io.rivulet.sparsity.calibration.TextPass;
import io.rivulet.sparsity.report.LayerAnalysis;
import io.rivulet.sparsity.report.MemoryTraffic;
import io.rivulet.sparsity.report.ModelAnalysis;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The three aspects of ReLU² Wins (arXiv:2402.03804) for a model that has been calibrated: how
 * sparse it is for its performance, how well its active neurons are predicted, and how far what a
 * token needs lies in memory where another one has been.
 */
public final class Analyzer {

  private static final long PROBE_BYTES = 256L << 20;
  private static final int PROBES = 5;

  private Analyzer() {}

  /**
   * Analyses.
   *
   * @param model opened by neurons
   * @param profile of it
   * @param name what the report calls it
   * @param text its first half gives the order of neurons that the second is counted in
   * @param budgetPercent that the profile was made for
   * @param tokens of the text to look at, at most
   * @param context tokens of a window
   */
  public static ModelAnalysis analyze(
      LoadedModel model,
      SparsityProfile profile,
      String name,
      String text,
      double budgetPercent,
      int tokens,
      int context,
      int threads,
      CalibrationProgress progress) {
    int[] all = model.tokenizer().encode(text);
    int[] read = Arrays.copyOf(all, Math.min(all.length, tokens));
    int length = Math.min(context, model.spec().context());
    List<LayerActivity> layers =
        profile.layers().stream()
            .map(layer -> new LayerActivity(layer, profile.chosen(), ActiveWindow.USUAL))
            .toList();
    try (var team = new ThreadTeam(threads)) {
      int[] first = Arrays.copyOf(read, read.length / 2);
      int[] second = Arrays.copyOfRange(read, read.length / 2, read.length);
      TextPass.run(
          model.transformer(),
          team,
          first,
          0,
          length,
          new Counting(layers, length),
          progress,
          "counting active neurons");
      List<ActiveRuns> ordered = new ArrayList<>();
      for (LayerActivity layer : layers) {
        ordered.add(layer.ordered());
        progress.onStep("ordering neurons", ordered.size(), layers.size());
      }
      TextPass.run(
          model.transformer(),
          team,
          second,
          0,
          length,
          new Running(layers, ordered),
          progress,
          "counting runs");
      double bandwidth = 1e9 * ReadProbe.gigabytesPerSecond(team, PROBE_BYTES, PROBES);
      return new ModelAnalysis(
          name,
          ffn(model.spec().feedForward()),
          model.spec().neurons(),
          read.length,
          ActiveWindow.USUAL,
          profile.densePerplexity(),
          budgetPercent,
          profile.points(),
          profile.chosen(),
          analyses(layers, ordered),
          new MemoryTraffic(
              model.weightBytes(), sparseBytes(model.transformer(), profile), bandwidth));
    }
  }

  private static List<LayerAnalysis> analyses(
      List<LayerActivity> layers, List<ActiveRuns> ordered) {
    var analyses = new ArrayList<LayerAnalysis>();
    for (int layer = 0; layer < layers.size(); layer++) {
      analyses.add(layers.get(layer).analysis(ordered.get(layer)));
    }
    return analyses;
  }

  private static String ffn(FeedForwardSpec spec) {
    return spec.activation() + (spec.gated() ? ", gated" : "");
  }

  /** What a token reads with the profile: all that is no FFN, predictors, and the neurons left. */
  private static double sparseBytes(Transformer transformer, SparsityProfile profile) {
    double bytes = transformer.denseBytes() - (double) transformer.upBytes();
    double density = profile.chosenPoint().density();
    for (int layer = 0; layer < profile.layers().size(); layer++) {
      var predictor = profile.layers().get(layer).predictor();
      double up = (double) transformer.upBytes() / profile.layers().size();
      bytes +=
          predictor.map(weights -> weights.quality().density() * up + bytes(weights)).orElse(up);
      bytes += density * transformer.downRows(layer).byteSize();
    }
    return bytes;
  }

  /** As laid out to compute with: in F16, out in int8 with a scale and a bias a neuron. */
  private static double bytes(PredictorWeights weights) {
    return 2.0 * weights.in().rows() * weights.in().cols()
        + (double) weights.out().rows() * (weights.out().cols() + 2 * Float.BYTES);
  }

  /** Counts all that layers keep. */
  private record Counting(List<LayerActivity> layers, int context)
      implements TextPass.TokenObserver {

    @Override
    public void at(int token) {
      if (token % context == 0) {
        layers.forEach(LayerActivity::restart);
      }
    }

    @Override
    public void onAttentionInput(int layer, FloatTensor input, int rows) {
      // Only activations count here.
    }

    @Override
    public void onNeurons(int layer, FloatTensor activations, int rows) {
      for (int row = 0; row < rows; row++) {
        layers.get(layer).add(activations, row);
      }
    }
  }

  /** Counts runs in the order that was found. */
  private record Running(List<LayerActivity> layers, List<ActiveRuns> ordered)
      implements TextPass.TokenObserver {

    @Override
    public void at(int token) {
      // Runs are counted token by token.
    }

    @Override
    public void onAttentionInput(int layer, FloatTensor input, int rows) {
      // Only activations count here.
    }

    @Override
    public void onNeurons(int layer, FloatTensor activations, int rows) {
      for (int row = 0; row < rows; row++) {
        ordered.get(layer).add(layers.get(layer).active(activations, row));
      }
    }
  }
}
