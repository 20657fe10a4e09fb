package io.rivulet.sparsity.calibration;

import io.rivulet.kernels.FloatTensor;
import io.rivulet.model.SparsityMode;
import io.rivulet.model.profile.NeuronOrder;
import io.rivulet.model.profile.Prediction;
import io.rivulet.model.profile.PredictorWeights;
import io.rivulet.model.profile.SparsityProfile;
import io.rivulet.model.profile.WindowQuality;
import io.rivulet.sparsity.predictor.ActivationSamples;
import io.rivulet.sparsity.predictor.LayerCost;
import io.rivulet.sparsity.predictor.LowRankPredictor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Finds the predictors of a profile that keep its budget of perplexity. */
final class PredictorFitting {

  /** Bytes of a weight of a predictor's first map. */
  private static final double INPUT_WEIGHT_BYTES = Short.BYTES;

  /** How often predictors may miss the budget before there are none. */
  private static final int ATTEMPTS = 4;

  private final CalibrationRun run;
  private final ProfileDraft draft;
  private final Arena arena;

  /**
   * Of a draft.
   *
   * @param arena owns the predictors
   */
  PredictorFitting(CalibrationRun run, ProfileDraft draft, Arena arena) {
    this.run = run;
    this.draft = draft;
    this.arena = arena;
  }

  /** The profile with predictors; where none keeps the budget, without, and the reason in it. */
  SparsityProfile fit(SparsityProfile base) throws IOException {
    double budget = run.options().perplexityBudget();
    double most = base.densePerplexity() * (1 + budget / 100);
    int point = base.chosen();
    double recall = run.options().recall();
    int attempts = 0;
    while (point >= 0 && attempts < ATTEMPTS) {
      try (Arena scratch = Arena.ofShared()) {
        SampleRecorder samples = record(base, point, scratch);
        List<LayerPredictor> trained = train(samples, base, point);
        for (int more = 0; more < 2 && attempts < ATTEMPTS; more++, attempts++) {
          List<LayerPredictor.Outcome> outcomes = at(recall, trained);
          double perplexity = perplexity(base, point, outcomes, attempts);
          if (perplexity <= most) {
            return finished(base, point, perplexity, outcomes, samples);
          }
          run.finding(
              String.format(
                  Locale.ROOT,
                  "a recall of %.4f at CETT %.2f is over the budget",
                  recall,
                  base.points().get(point).cett()));
          recall = (1 + recall) / 2;
        }
      }
      run.checkpoint().removeTokenFile(samples(point));
      point--;
    }
    run.finding("no predictor keeps the budget: the profile has none");
    String reason = "no predictor kept the perplexity within %s %%".formatted(budget);
    List<LayerFindings> none =
        draft.thresholds().stream().map(layer -> LayerFindings.dense(reason)).toList();
    return draft.profile(
        base.densePerplexity(), base.points(), base.chosen(), Optional.empty(), none);
  }

  private static String samples(int point) {
    return "samples-" + point;
  }

  private SampleRecorder record(SparsityProfile base, int point, Arena scratch) throws IOException {
    List<FloatTensor> thresholds =
        draft.thresholds().stream().map(layer -> layer.ofActivations(point, scratch)).toList();
    var recorder = new SampleRecorder(run, samples(point), thresholds, scratch);
    double cett = base.points().get(point).cett();
    run.readText(recorder, recorder.file(), "reading the text for predictors at CETT " + cett);
    return recorder;
  }

  private List<LayerPredictor> train(SampleRecorder samples, SparsityProfile base, int point)
      throws IOException {
    List<LayerPredictor> trained = new ArrayList<>();
    for (int layer = 0; layer < run.spec().layers(); layer++) {
      int neurons = run.spec().neurons();
      double bytes = run.transformer().neuronBytes(layer);
      double downBytes = (double) run.transformer().downRows(layer).byteSize() / neurons;
      double density = base.layers().get(layer).densities().get(point);
      ActivationSamples ofLayer =
          samples.samples(Math.max(0, layer - run.options().lookahead()), layer);
      LayerCost cost = new LayerCost(run.spec().width(), neurons, (long) bytes, INPUT_WEIGHT_BYTES);
      trained.add(
          new LayerPredictor(
              trained("predictor-" + point + "-" + layer, ofLayer, cost),
              ofLayer,
              cost,
              neurons * (bytes - downBytes + density * downBytes)));
      run.step("training predictors", layer + 1, run.spec().layers());
    }
    return trained;
  }

  private Optional<LowRankPredictor> trained(String step, ActivationSamples samples, LayerCost cost)
      throws IOException {
    Optional<Step> kept = run.checkpoint().find(step);
    if (kept.isPresent()) {
      return KeptPredictor.read(kept.get(), run.spec());
    }
    Optional<LowRankPredictor> trained =
        LayerPredictor.train(samples, run.options().recall(), cost, run.team(), run.kernels());
    run.checkpoint().keep(step, KeptPredictor.of(trained));
    return trained;
  }

  private List<LayerPredictor.Outcome> at(double recall, List<LayerPredictor> trained) {
    List<LayerPredictor.Outcome> outcomes = new ArrayList<>();
    for (LayerPredictor layer : trained) {
      LayerPredictor.Outcome outcome = layer.at(recall, run.team(), run.kernels(), arena);
      run.finding(
          String.format(
              Locale.ROOT, "layer %d: %s", outcomes.size(), describe(outcome.findings())));
      outcomes.add(outcome);
    }
    return outcomes;
  }

  private static String describe(LayerFindings findings) {
    if (findings.predictor().isEmpty()) {
      return "computed whole: " + findings.dense().orElseThrow();
    }
    PredictorWeights weights = findings.predictor().get();
    return String.format(
        Locale.ROOT,
        "rank %d names %.1f %% of the neurons, recall %.4f, precision %.2f",
        weights.rank(),
        100 * weights.quality().density(),
        weights.quality().recall(),
        weights.quality().precision());
  }

  /** With predictions on; that of the point where all layers are computed whole. */
  private double perplexity(
      SparsityProfile base, int point, List<LayerPredictor.Outcome> outcomes, int attempt)
      throws IOException {
    if (none(outcomes)) {
      return base.points().get(point).perplexity();
    }
    double dense = base.densePerplexity();
    var unmeasured = new Prediction(run.options().lookahead(), dense);
    CalibrationRun.Measured measured =
        run.perplexity(
            "perplexity-predicted-" + attempt,
            Optional.of(
                draft.profile(
                    dense, base.points(), point, Optional.of(unmeasured), findings(outcomes))),
            SparsityMode.PREDICTED);
    run.finding(
        String.format(
            Locale.ROOT,
            "with predictions %.1f %% of the neurons count, perplexity %.3f (%+.2f %%)",
            100 * measured.density(),
            measured.perplexity(),
            100 * (measured.perplexity() / dense - 1)));
    return measured.perplexity();
  }

  private static boolean none(List<LayerPredictor.Outcome> outcomes) {
    return outcomes.stream().allMatch(outcome -> outcome.predictor().isEmpty());
  }

  private static List<LayerFindings> findings(List<LayerPredictor.Outcome> outcomes) {
    return outcomes.stream().map(LayerPredictor.Outcome::findings).toList();
  }

  /** With what else is to be known of the layers. */
  private SparsityProfile finished(
      SparsityProfile base,
      int point,
      double perplexity,
      List<LayerPredictor.Outcome> outcomes,
      SampleRecorder samples) {
    List<LayerFindings> findings = new ArrayList<>();
    for (int layer = 0; layer < outcomes.size(); layer++) {
      findings.add(finished(layer, outcomes.get(layer), samples));
    }
    Optional<Prediction> prediction =
        none(outcomes)
            ? Optional.empty()
            : Optional.of(new Prediction(run.options().lookahead(), perplexity));
    return draft.profile(base.densePerplexity(), base.points(), point, prediction, findings);
  }

  private LayerFindings finished(
      int layer, LayerPredictor.Outcome outcome, SampleRecorder samples) {
    ActivationSamples ofLayer =
        samples.samples(Math.max(0, layer - run.options().lookahead()), layer);
    WindowQuality window = WindowComparison.of(run, ofLayer, outcome.predictor());
    run.finding(String.format(Locale.ROOT, "layer %d: %s", layer, describe(window)));
    return outcome.findings().with(window, order(layer, ofLayer, outcome.predictor()));
  }

  private static String describe(WindowQuality window) {
    String alone =
        String.format(
            Locale.ROOT,
            "the last %d tokens' neurons are %.1f %%, recall %.4f",
            window.tokens(),
            100 * window.alone().density(),
            window.alone().recall());
    return alone
        + window
            .combined()
            .map(
                both ->
                    String.format(
                        Locale.ROOT,
                        "; with the predictor's %.1f %%, recall %.4f",
                        100 * both.density(),
                        both.recall()))
            .orElse("");
  }

  /** Where no predictor names some, all rows are read, in any order. */
  private Optional<NeuronOrder> order(
      int layer, ActivationSamples samples, Optional<LowRankPredictor> predictor) {
    if (!run.options().neuronOrder() || predictor.isEmpty()) {
      return Optional.empty();
    }
    NamedOrder found = NamedOrder.find(samples, predictor.get(), run.team(), run.kernels());
    run.finding(
        String.format(
            Locale.ROOT,
            "layer %d: %.2f neurons named side by side, %.2f in the order",
            layer,
            found.before(),
            found.after()));
    return Optional.of(found.order());
  }
}
