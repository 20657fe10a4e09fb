package io.rivulet.cli;

import io.rivulet.kernels.Kernels;
import io.rivulet.model.LoadedModel;
import io.rivulet.model.profile.SparsityProfile;
import io.rivulet.model.profile.SparsityProfileFile;
import io.rivulet.sparsity.analysis.Analyzer;
import io.rivulet.sparsity.calibration.CalibrationOptions;
import io.rivulet.sparsity.calibration.Calibrator;
import io.rivulet.sparsity.calibration.Checkpoint;
import io.rivulet.sparsity.report.AnalysisReport;
import io.rivulet.sparsity.report.ModelAnalysis;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Reports on the sparsity of models. */
@Command(
    name = "analyze",
    description = {
      "Reports how sparse a model is on a text, in one HTML page: sparsity against perplexity, how"
          + " well active neurons are predicted, and what that means for memory.",
      "A model that has a profile beside it is taken with it; another one is calibrated first."
    },
    mixinStandardHelpOptions = true)
final class AnalyzeCommand implements Callable<Integer> {

  private static final int FINGERPRINT_DIGITS = 12;

  @Option(
      names = "--model",
      paramLabel = "FILE",
      description =
          "A model file or directory; several are shown side by side. Default: the model that"
              + " ships with Rivulet.")
  private List<Path> models = new ArrayList<>();

  @Option(
      names = "--text",
      paramLabel = "FILE",
      required = true,
      description = "Text like the one that the models are to write, in UTF-8.")
  private Path text;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "Where the page goes (default: ${DEFAULT-VALUE}).")
  private Path out = Path.of("report.html");

  @Option(
      names = "--ppl-budget",
      paramLabel = "P",
      description = "Percent that the perplexity may rise (default: ${DEFAULT-VALUE}).")
  private double budget = CalibrationOptions.DEFAULT.perplexityBudget();

  @Option(
      names = "--tokens",
      paramLabel = "N",
      description = "Tokens of the text to look at, at most (default: ${DEFAULT-VALUE}).")
  private int tokens = CalibrationOptions.DEFAULT.tokens();

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads that compute (default: ${DEFAULT-VALUE}, the number of cores).")
  private int threads = CalibrationOptions.DEFAULT.threads();

  @Option(names = "--json", description = "Print what was found as one object, too.")
  private boolean json;

  private final Set<Path> checkpoints = new LinkedHashSet<>();

  @Override
  public Integer call() throws IOException {
    String content = TextFiles.read(text, "--text");
    List<ModelAnalysis> analyses = new ArrayList<>();
    for (Path model : models.isEmpty() ? List.of(ShippedModel.file()) : models) {
      analyses.add(analyze(model, content));
    }
    Files.writeString(out, AnalysisReport.html(analyses));
    for (Path checkpoint : checkpoints) {
      Checkpoint.remove(checkpoint);
    }
    if (json) {
      Json.print(analyses);
    } else {
      System.out.println("wrote " + out.toAbsolutePath());
    }
    return 0;
  }

  private ModelAnalysis analyze(Path model, String content) throws IOException {
    var progress = new CalibrationLines();
    try (var loaded = LoadedModel.openByNeurons(model, Kernels.select());
        Arena arena = Arena.ofShared()) {
      Optional<Path> known = Optional.of(ProfileOption.beside(model)).filter(Files::isRegularFile);
      SparsityProfile profile =
          known.isPresent()
              ? SparsityProfileFile.read(known.get(), loaded.profiled(), arena)
              : calibrate(loaded, content, arena, progress);
      return Analyzer.analyze(
          loaded,
          profile,
          EngineSettings.name(loaded),
          content,
          budget,
          tokens,
          CalibrationOptions.DEFAULT.context(),
          threads,
          progress);
    }
  }

  /** What was finished of an analysis that is interrupted is kept beside the report. */
  private Path checkpoint(LoadedModel model) {
    String fingerprint = model.profiled().fingerprint().sha256().substring(0, FINGERPRINT_DIGITS);
    Path folder =
        out.toAbsolutePath()
            .resolveSibling("%s.%s.partial".formatted(out.getFileName(), fingerprint));
    checkpoints.add(folder);
    return folder;
  }

  private SparsityProfile calibrate(
      LoadedModel model, String content, Arena arena, CalibrationLines progress)
      throws IOException {
    CalibrationOptions usual = CalibrationOptions.DEFAULT;
    var options =
        new CalibrationOptions(
            usual.targets(),
            budget,
            usual.lookahead(),
            usual.recall(),
            false,
            tokens,
            usual.context(),
            threads);
    int end = CalibrateCommand.endOfCalibration(content);
    return Calibrator.calibrate(
        model,
        content.substring(0, end),
        content.substring(end),
        options,
        checkpoint(model),
        arena,
        progress);
  }
}
