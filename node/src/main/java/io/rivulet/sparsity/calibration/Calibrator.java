package io.rivulet.sparsity.calibration;

import io.rivulet.engine.Perplexity;
import io.rivulet.kernels.FloatTensor;
import io.rivulet.kernels.Kernels;
import io.rivulet.kernels.KeyValueType;
import io.rivulet.kernels.ThreadTeam;
import io.rivulet.model.LoadedModel;
import io.rivulet.model.ModelSpec;
import io.rivulet.model.SparsityMode;
import io.rivulet.model.profile.LayerProfile;
import io.rivulet.model.profile.ModelFingerprint;
import io.rivulet.model.profile.OperatingPoint;
import io.rivulet.model.profile.Prediction;
import io.rivulet.model.profile.PredictorWeights;
import io.rivulet.model.profile.ProfileSource;
import io.rivulet.model.profile.SparsityProfile;
import io.rivulet.sparsity.OperatingPointChoice;
import io.rivulet.sparsity.predictor.LayerCost;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Makes a model's sparsity profile. Thresholds come from a sample of the text's tokens; of the
 * targets the sparsest is chosen that keeps the perplexity of a held-out text within the budget
 * (PPL-p%, arXiv:2411.02335). Predictors learn the active neurons at that point from all tokens; if
 * they take the perplexity over the budget, with more recall, then at denser points.
 */
public final class Calibrator {

  /** Tokens that thresholds are searched with. */
  private static final int SAMPLE = 512;

  private static final int LEAST_WINDOWS = 4;

  /** Bytes of a weight of a predictor's first map. */
  private static final double INPUT_WEIGHT_BYTES = Short.BYTES;

  /** How often predictors may miss the budget before there are none. */
  private static final int ATTEMPTS = 4;

  private final LoadedModel model;
  private final ModelSpec spec;
  private final Kernels kernels;
  private final CalibrationOptions options;
  private final String heldOut;
  private final Path folder;
  private final Arena arena;
  private final CalibrationProgress progress;
  private final ThreadTeam team;
  private final int[] tokens;
  private final ProfileSource source;
  private final List<LayerThresholds> thresholds = new ArrayList<>();

  private Calibrator(
      LoadedModel model,
      String text,
      String heldOut,
      CalibrationOptions options,
      Path folder,
      Arena arena,
      ThreadTeam team,
      CalibrationProgress progress) {
    this.model = model;
    spec = model.spec();
    kernels = model.transformer().kernels();
    this.options = options;
    this.heldOut = heldOut;
    this.folder = folder;
    this.arena = arena;
    this.team = team;
    this.progress = progress;
    int[] all = model.tokenizer().encode(text);
    if (all.length < LEAST_WINDOWS * context()) {
      throw new IllegalArgumentException(
          "the text has %d tokens, but a calibration needs %d windows of %d: give a longer text or a smaller context"
              .formatted(all.length, LEAST_WINDOWS, context()));
    }
    tokens = Arrays.copyOf(all, Math.min(all.length, options.tokens()));
    source =
        new ProfileSource(
            model.profiled().fingerprint(), ModelFingerprint.sha256(text), tokens.length);
  }

  /**
   * Calibrates.
   *
   * @param model opened by neurons
   * @param heldOut text that nothing is fitted to, but the choice of the point
   * @param folder takes files while it works, some KB a token
   * @param arena owns the profile
   * @throws IllegalArgumentException if a text is too short
   * @throws IOException if the folder cannot be written to
   */
  public static SparsityProfile calibrate(
      LoadedModel model,
      String text,
      String heldOut,
      CalibrationOptions options,
      Path folder,
      Arena arena,
      CalibrationProgress progress)
      throws IOException {
    try (var team = new ThreadTeam(options.threads())) {
      return new Calibrator(model, text, heldOut, options, folder, arena, team, progress)
          .calibrate();
    }
  }

  private SparsityProfile calibrate() throws IOException {
    findThresholds();
    double dense = perplexity(Optional.empty(), SparsityMode.EXACT).perplexity();
    progress.onFinding(String.format(Locale.ROOT, "perplexity %.3f with all neurons", dense));
    List<OperatingPoint> points = measurePoints(dense);
    OptionalInt chosen = OperatingPointChoice.sparsest(points, dense, options.perplexityBudget());
    SparsityProfile profile = profile(dense, points, chosen.orElse(0), Optional.empty(), none());
    return chosen.isPresent() ? withPredictors(profile) : profile;
  }

  private void findThresholds() {
    try (Arena scratch = Arena.ofShared()) {
      var reservoir = new ActivationReservoir(spec, tokens.length, SAMPLE, scratch);
      TextPass.run(
          model.transformer(),
          team,
          tokens,
          context(),
          reservoir,
          progress,
          "reading the text for thresholds");
      for (int layer = 0; layer < spec.layers(); layer++) {
        thresholds.add(
            LayerThresholds.search(
                reservoir.activations(layer),
                model.transformer().downRows(layer),
                options.targets(),
                kernels,
                team,
                arena));
        progress.onStep("searching thresholds", layer + 1, spec.layers());
      }
    }
  }

  private List<OperatingPoint> measurePoints(double dense) {
    List<OperatingPoint> points = new ArrayList<>();
    for (int i = 0; i < options.targets().size(); i++) {
      double cett = options.targets().get(i);
      // The point's own perplexity is not known yet, and not needed to compute at it.
      List<OperatingPoint> unmeasured =
          options.targets().stream().map(each -> new OperatingPoint(each, dense, 0)).toList();
      var at = profile(dense, unmeasured, i, Optional.empty(), none());
      Perplexity.Result result = perplexity(Optional.of(at), SparsityMode.THRESHOLD);
      var point = new OperatingPoint(cett, result.perplexity(), mean(result.layerDensity()));
      points.add(point);
      progress.onFinding(
          String.format(
              Locale.ROOT,
              "CETT %.2f: %.1f %% of the neurons, perplexity %.3f (%+.2f %%)",
              cett,
              100 * point.density(),
              point.perplexity(),
              100 * (point.perplexity() / dense - 1)));
      progress.onStep("measuring points", i + 1, options.targets().size());
    }
    return points;
  }

  private SparsityProfile withPredictors(SparsityProfile base) throws IOException {
    double most = base.densePerplexity() * (1 + options.perplexityBudget() / 100);
    int point = base.chosen();
    double recall = options.recall();
    int attempts = 0;
    while (point >= 0 && attempts < ATTEMPTS) {
      try (SampleRecorder samples = record(base, point)) {
        List<LayerPredictor> trained = train(samples, base, point);
        for (int more = 0; more < 2 && attempts < ATTEMPTS; more++, attempts++) {
          SparsityProfile profile = predicted(base, point, trained, recall);
          double perplexity = profile.prediction().map(Prediction::perplexity).orElse(0.0);
          if (perplexity <= most) {
            return profile;
          }
          progress.onFinding(
              String.format(
                  Locale.ROOT,
                  "a recall of %.4f at CETT %.2f is over the budget",
                  recall,
                  base.points().get(point).cett()));
          recall = (1 + recall) / 2;
        }
      }
      point--;
    }
    progress.onFinding("no predictor keeps the budget: the profile has none");
    return base;
  }

  private SampleRecorder record(SparsityProfile base, int point) throws IOException {
    Path file = Files.createTempDirectory(folder, "calibration-").resolve("samples");
    file.getParent().toFile().deleteOnExit();
    var recorder =
        new SampleRecorder(file, spec, kernels, activationThresholds(point), tokens.length);
    boolean done = false;
    try {
      TextPass.run(
          model.transformer(),
          team,
          tokens,
          context(),
          recorder,
          progress,
          "reading the text for predictors at CETT " + base.points().get(point).cett());
      done = true;
      return recorder;
    } finally {
      if (!done) {
        recorder.close();
      }
    }
  }

  private List<FloatTensor> activationThresholds(int point) {
    return thresholds.stream()
        .map(layer -> activationThresholds(layer.downNorms(), layer.values().get(point)))
        .toList();
  }

  private FloatTensor activationThresholds(FloatTensor norms, float threshold) {
    FloatTensor ofActivations = FloatTensor.allocate(arena, 1, norms.cols());
    for (int neuron = 0; neuron < norms.cols(); neuron++) {
      float norm = norms.get(0, neuron);
      ofActivations.set(0, neuron, norm == 0 ? Float.POSITIVE_INFINITY : threshold / norm);
    }
    return ofActivations;
  }

  private List<LayerPredictor> train(SampleRecorder samples, SparsityProfile base, int point) {
    List<LayerPredictor> trained = new ArrayList<>();
    for (int layer = 0; layer < spec.layers(); layer++) {
      double bytes = model.transformer().neuronBytes(layer);
      double downBytes = (double) model.transformer().downRows(layer).byteSize() / spec.neurons();
      double density = base.layers().get(layer).densities().get(point);
      trained.add(
          LayerPredictor.train(
              samples.samples(Math.max(0, layer - options.lookahead()), layer),
              options.recall(),
              new LayerCost(spec.width(), spec.neurons(), (long) bytes, INPUT_WEIGHT_BYTES),
              spec.neurons() * (bytes - downBytes + density * downBytes),
              team,
              kernels));
      progress.onStep("training predictors", layer + 1, spec.layers());
    }
    return trained;
  }

  private SparsityProfile predicted(
      SparsityProfile base, int point, List<LayerPredictor> trained, double recall) {
    List<LayerPredictor.Outcome> outcomes =
        trained.stream().map(layer -> layer.at(recall, team, kernels, arena)).toList();
    for (int layer = 0; layer < outcomes.size(); layer++) {
      progress.onFinding("layer " + layer + ": " + describe(outcomes.get(layer)));
    }
    if (outcomes.stream().allMatch(outcome -> outcome.weights().isEmpty())) {
      return profile(base.densePerplexity(), base.points(), point, Optional.empty(), outcomes);
    }
    var unmeasured = new Prediction(options.lookahead(), base.densePerplexity());
    Perplexity.Result result =
        perplexity(
            Optional.of(
                profile(
                    base.densePerplexity(),
                    base.points(),
                    point,
                    Optional.of(unmeasured),
                    outcomes)),
            SparsityMode.PREDICTED);
    progress.onFinding(
        String.format(
            Locale.ROOT,
            "with predictions %.1f %% of the neurons count, perplexity %.3f (%+.2f %%)",
            100 * mean(result.layerDensity()),
            result.perplexity(),
            100 * (result.perplexity() / base.densePerplexity() - 1)));
    return profile(
        base.densePerplexity(),
        base.points(),
        point,
        Optional.of(new Prediction(options.lookahead(), result.perplexity())),
        outcomes);
  }

  private static String describe(LayerPredictor.Outcome outcome) {
    if (outcome.weights().isEmpty()) {
      return "computed whole: " + outcome.dense().orElseThrow();
    }
    PredictorWeights weights = outcome.weights().get();
    return String.format(
        Locale.ROOT,
        "rank %d names %.1f %% of the neurons, recall %.4f, precision %.2f",
        weights.rank(),
        100 * weights.quality().density(),
        weights.quality().recall(),
        weights.quality().precision());
  }

  private List<LayerPredictor.Outcome> none() {
    return thresholds.stream()
        .map(layer -> new LayerPredictor.Outcome(Optional.empty(), Optional.empty()))
        .toList();
  }

  private SparsityProfile profile(
      double dense,
      List<OperatingPoint> points,
      int chosen,
      Optional<Prediction> prediction,
      List<LayerPredictor.Outcome> predictors) {
    List<LayerProfile> layers = new ArrayList<>();
    for (int layer = 0; layer < spec.layers(); layer++) {
      LayerThresholds found = thresholds.get(layer);
      float[] values = new float[found.values().size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = found.values().get(i);
      }
      layers.add(
          new LayerProfile(
              found.downNorms(),
              FloatTensor.of(arena, values),
              found.densities(),
              predictors.get(layer).weights(),
              Optional.empty(),
              predictors.get(layer).dense()));
    }
    return new SparsityProfile(source, dense, points, chosen, prediction, layers);
  }

  private Perplexity.Result perplexity(Optional<SparsityProfile> profile, SparsityMode mode) {
    try (Arena scratch = Arena.ofShared()) {
      var transformer =
          profile
              .map(each -> model.transformer().withProfile(each, scratch))
              .orElseGet(model::transformer);
      var how =
          new Perplexity.Options(
              context(), OptionalInt.empty(), mode, KeyValueType.DEFAULT, options.threads());
      return Perplexity.of(
          model,
          transformer,
          heldOut,
          how,
          (done, windows, perplexity) ->
              progress.onStep("perplexity in mode " + mode, done, windows));
    }
  }

  private int context() {
    return Math.min(options.context(), spec.context());
  }

  private static double mean(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
  }
}
