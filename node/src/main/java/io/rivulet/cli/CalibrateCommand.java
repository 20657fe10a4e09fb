package io.rivulet.cli;

import io.rivulet.kernels.Kernels;
import io.rivulet.model.LoadedModel;
import io.rivulet.model.profile.OperatingPoint;
import io.rivulet.model.profile.SparsityProfile;
import io.rivulet.model.profile.SparsityProfileFile;
import io.rivulet.sparsity.calibration.CalibrationOptions;
import io.rivulet.sparsity.calibration.Calibrator;
import io.rivulet.sparsity.calibration.Checkpoint;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Makes a profile of a model's sparsity. */
@Command(
    name = "calibrate",
    description = {
      "Finds out how sparse a model is on a text, and writes its profile: thresholds below which a"
          + " neuron's output does not matter, and predictors of the active neurons.",
      "The other commands take the profile that lies beside the model, or the one that --profile"
          + " names, and compute less with it.",
      "What it has finished lies in a directory beside the profile, named like it with .partial at"
          + " the end, until the profile is there: run again after an interruption, it goes on from"
          + " that."
    },
    mixinStandardHelpOptions = true)
final class CalibrateCommand implements Callable<Integer> {

  private static final double HELD_OUT = 0.2;

  @Mixin private ModelFileOption model;

  @Option(
      names = "--text",
      paramLabel = "FILE",
      required = true,
      description = "Text like the one that the model is to write, in UTF-8.")
  private Path text;

  @Option(
      names = "--held-out",
      paramLabel = "FILE",
      description = "Text that perplexities are measured on. Default: the last fifth of --text.")
  private Optional<Path> heldOut = Optional.empty();

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "Where the profile goes. Default: beside the model, where it is found.")
  private Optional<Path> out = Optional.empty();

  @Option(
      names = "--cett",
      paramLabel = "C",
      split = ",",
      description =
          "Targets for the error that thresholds make, as a share of what an FFN gives:"
              + " ascending, from 0 (default: 0,0.01,0.02,0.05,0.1,0.2,0.3,0.5).")
  private List<Double> targets = CalibrationOptions.DEFAULT.targets();

  @Option(
      names = "--ppl-budget",
      paramLabel = "P",
      description = "Percent that the perplexity may rise (default: ${DEFAULT-VALUE}).")
  private double budget = CalibrationOptions.DEFAULT.perplexityBudget();

  @Option(
      names = "--lookahead",
      paramLabel = "N",
      description =
          "Layers before its own from which a predictor reads, 0 to 8 (default:"
              + " ${DEFAULT-VALUE}).")
  private int lookahead = CalibrationOptions.DEFAULT.lookahead();

  @Option(
      names = "--recall",
      paramLabel = "R",
      description =
          "Share of the active neurons that predictors must name (default: ${DEFAULT-VALUE}).")
  private double recall = CalibrationOptions.DEFAULT.recall();

  @Option(
      names = "--neuron-order",
      negatable = true,
      defaultValue = "true",
      fallbackValue = "true",
      description =
          "Find an order of each layer's neurons that puts those side by side which are named"
              + " together, so that fewer jumps are needed to read them; it changes no result"
              + " (default: ${DEFAULT-VALUE}).")
  private boolean neuronOrder;

  @Option(
      names = "--tokens",
      paramLabel = "N",
      description = "Tokens of the text to look at, at most (default: ${DEFAULT-VALUE}).")
  private int tokens = CalibrationOptions.DEFAULT.tokens();

  @Option(
      names = "--context",
      paramLabel = "N",
      description = "Tokens of a window (default: ${DEFAULT-VALUE}).")
  private int context = CalibrationOptions.DEFAULT.context();

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads that compute (default: ${DEFAULT-VALUE}, the number of cores).")
  private int threads = CalibrationOptions.DEFAULT.threads();

  @Option(
      names = "--json",
      description = "Print one object: profile, dense_perplexity, points, chosen, perplexity.")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    var options =
        new CalibrationOptions(
            targets, budget, lookahead, recall, neuronOrder, tokens, context, threads);
    String all = TextFiles.read(text, "--text");
    int end = heldOut.isPresent() ? all.length() : endOfCalibration(all);
    String measured =
        heldOut.map(file -> TextFiles.read(file, "--held-out")).orElse(all.substring(end));
    Path target = out.orElseGet(() -> ProfileOption.beside(model.file())).toAbsolutePath();
    Path checkpoint = target.resolveSibling(target.getFileName() + ".partial");
    try (var loaded = LoadedModel.openByNeurons(model.file(), Kernels.select());
        Arena arena = Arena.ofShared()) {
      SparsityProfile profile =
          Calibrator.calibrate(
              loaded,
              all.substring(0, end),
              measured,
              options,
              checkpoint,
              arena,
              new CalibrationLines());
      SparsityProfileFile.write(profile, target);
      Checkpoint.remove(checkpoint);
      if (json) {
        Json.print(members(profile, target));
      } else {
        OperatingPoint point = profile.chosenPoint();
        System.out.printf(
            Locale.ROOT,
            "%s: computes at CETT %.2f, %.1f %% of the neurons active%n",
            target,
            point.cett(),
            100 * point.density());
      }
    }
    return 0;
  }

  /** Of a text without another held-out one: four fifths, up to the end of a line. */
  static int endOfCalibration(String all) {
    int end = (int) (all.length() * (1 - HELD_OUT));
    int line = all.indexOf('\n', end);
    return line < 0 ? end : line + 1;
  }

  private static Map<String, Object> members(SparsityProfile profile, Path file) {
    var members = new LinkedHashMap<String, Object>();
    members.put("profile", file.toString());
    members.put("dense_perplexity", profile.densePerplexity());
    members.put(
        "points",
        profile.points().stream()
            .map(
                point ->
                    Map.of(
                        "cett", point.cett(),
                        "perplexity", point.perplexity(),
                        "density", point.density()))
            .toList());
    members.put("chosen", profile.chosen());
    profile.prediction().ifPresent(made -> members.put("perplexity", made.perplexity()));
    return members;
  }
}
