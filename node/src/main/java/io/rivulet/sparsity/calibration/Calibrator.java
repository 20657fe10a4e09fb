package io.rivulet.sparsity.calibration;

import io.rivulet.model.LoadedModel;
import io.rivulet.model.SparsityMode;
import io.rivulet.model.profile.OperatingPoint;
import io.rivulet.model.profile.SparsityProfile;
import io.rivulet.sparsity.OperatingPointChoice;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Makes a model's sparsity profile. Thresholds come from a sample of the text's tokens; of the
 * targets the sparsest is chosen that keeps the perplexity of a held-out text within the budget
 * (PPL-p%, arXiv:2411.02335). Predictors learn the active neurons at that point from all tokens; if
 * they take the perplexity over the budget, with more recall, then at denser points.
 *
 * <p>Each layer's thresholds, each perplexity and each layer's predictor is a step of a {@link
 * Checkpoint}; a pass over the text goes on with the window of it that it was interrupted in.
 */
public final class Calibrator {

  /** Tokens that thresholds are searched with. */
  private static final int SAMPLE = 512;

  private static final String RESERVOIR = "activations";

  private final CalibrationRun run;
  private final Arena arena;

  private Calibrator(CalibrationRun run, Arena arena) {
    this.run = run;
    this.arena = arena;
  }

  /**
   * Calibrates.
   *
   * @param model opened by neurons
   * @param heldOut text that nothing is fitted to, but the choice of the point
   * @param folder of the checkpoint, some KB a token; made if it is not there, and left there: see
   *     {@link Checkpoint#remove}
   * @param arena owns the profile
   * @throws IllegalArgumentException if a text is too short, no target keeps the budget, the model
   *     computes what is no number, or the folder is another calibration's
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
    try (var run = new CalibrationRun(model, text, heldOut, options, folder, progress)) {
      return new Calibrator(run, arena).calibrate();
    }
  }

  private SparsityProfile calibrate() throws IOException {
    var draft = new ProfileDraft(run.source(), findThresholds(), arena);
    double dense =
        run.perplexity("perplexity-exact", Optional.empty(), SparsityMode.EXACT).perplexity();
    run.finding(String.format(Locale.ROOT, "perplexity %.3f with all neurons", dense));
    List<OperatingPoint> points = measurePoints(draft, dense);
    double budget = run.options().perplexityBudget();
    int chosen =
        OperatingPointChoice.sparsest(points, dense, budget)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "no CETT target keeps the perplexity within %s %%: give smaller ones, 0 among them, or a larger budget"
                            .formatted(budget)));
    return new PredictorFitting(run, draft, arena).fit(draft.profile(dense, points, chosen));
  }

  private List<LayerThresholds> findThresholds() throws IOException {
    List<LayerThresholds> found = new ArrayList<>();
    for (int layer = 0; layer < run.spec().layers(); layer++) {
      Optional<Step> kept = run.checkpoint().find("thresholds-" + layer);
      if (kept.isEmpty()) {
        search(found);
        break;
      }
      found.add(
          LayerThresholds.read(
              kept.get(), run.spec().neurons(), run.options().targets().size(), arena));
    }
    run.checkpoint().removeTokenFile(RESERVOIR);
    return found;
  }

  /** Adds the thresholds of the layers that follow. */
  private void search(List<LayerThresholds> found) throws IOException {
    try (Arena scratch = Arena.ofShared()) {
      var reservoir = new ActivationReservoir(run, RESERVOIR, SAMPLE, scratch);
      run.readText(reservoir, reservoir.file(), "reading the text for thresholds");
      for (int layer = found.size(); layer < run.spec().layers(); layer++) {
        LayerThresholds thresholds = search(layer, reservoir);
        run.checkpoint().keep("thresholds-" + layer, thresholds.kept());
        found.add(thresholds);
        run.step("searching thresholds", found.size(), run.spec().layers());
      }
    }
  }

  private LayerThresholds search(int layer, ActivationReservoir reservoir) {
    try {
      return LayerThresholds.search(
          reservoir.activations(layer),
          run.transformer().downRows(layer),
          run.options().targets(),
          run.kernels(),
          run.team(),
          arena);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "layer %d: %s: check the model's file, or take it in a type of more range"
              .formatted(layer, e.getMessage()),
          e);
    }
  }

  private List<OperatingPoint> measurePoints(ProfileDraft draft, double dense) throws IOException {
    List<Double> targets = run.options().targets();
    // The points' own perplexities are not known yet, and not needed to compute at them.
    List<OperatingPoint> unmeasured =
        targets.stream().map(each -> new OperatingPoint(each, dense, 0)).toList();
    List<OperatingPoint> points = new ArrayList<>();
    for (int i = 0; i < targets.size(); i++) {
      CalibrationRun.Measured measured =
          run.perplexity(
              "perplexity-point-" + i,
              Optional.of(draft.profile(dense, unmeasured, i)),
              SparsityMode.THRESHOLD);
      points.add(new OperatingPoint(targets.get(i), measured.perplexity(), measured.density()));
      run.finding(
          String.format(
              Locale.ROOT,
              "CETT %.2f: %.1f %% of the neurons, perplexity %.3f (%+.2f %%)",
              targets.get(i),
              100 * measured.density(),
              measured.perplexity(),
              100 * (measured.perplexity() / dense - 1)));
      run.step("measuring points", i + 1, targets.size());
    }
    return points;
  }
}
