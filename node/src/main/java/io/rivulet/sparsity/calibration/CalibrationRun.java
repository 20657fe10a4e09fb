package io.rivulet.sparsity.calibration;

import io.rivulet.engine.Perplexity;
import io.rivulet.kernels.Kernels;
import io.rivulet.kernels.KeyValueType;
import io.rivulet.kernels.ThreadTeam;
import io.rivulet.model.LoadedModel;
import io.rivulet.model.ModelSpec;
import io.rivulet.model.SparsityMode;
import io.rivulet.model.Transformer;
import io.rivulet.model.profile.ModelFingerprint;
import io.rivulet.model.profile.ProfileSource;
import io.rivulet.model.profile.SparsityProfile;
import io.rivulet.model.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** What all steps of a calibration work with. */
final class CalibrationRun implements AutoCloseable {

  /** How perplexity is kept. */
  private static final String MEASURED = "perplexity_and_density";

  private static final int LEAST_WINDOWS = 4;

  /** Of what steps keep, and of how they compute it. */
  private static final int VERSION = 1;

  private final LoadedModel model;
  private final CalibrationOptions options;
  private final String heldOut;
  private final int[] tokens;
  private final ProfileSource source;
  private final CalibrationProgress progress;
  private final Checkpoint checkpoint;
  private final ThreadTeam team;

  /**
   * A perplexity, and the mean share of neurons that were read for it.
   *
   * @param density over all layers
   */
  record Measured(double perplexity, double density) {}

  /**
   * Begins, or goes on.
   *
   * @param folder of the checkpoint
   * @throws IllegalArgumentException if a text is too short, or the folder is another calibration's
   */
  CalibrationRun(
      LoadedModel model,
      String text,
      String heldOut,
      CalibrationOptions options,
      Path folder,
      CalibrationProgress progress)
      throws IOException {
    this.model = model;
    this.options = options;
    this.heldOut = heldOut;
    this.progress = progress;
    int[] all = model.tokenizer().encode(text);
    requireLength("the text", all.length, LEAST_WINDOWS);
    requireLength("the held-out text", model.tokenizer().encode(heldOut).length, 1);
    tokens = Arrays.copyOf(all, Math.min(all.length, options.tokens()));
    source =
        new ProfileSource(
            model.profiled().fingerprint(), ModelFingerprint.sha256(text), tokens.length);
    checkpoint = Checkpoint.open(folder, inputs());
    if (checkpoint.resumed()) {
      progress.onFinding("goes on from what " + folder + " holds");
    }
    team = new ThreadTeam(options.threads());
  }

  private void requireLength(String what, int length, int windows) {
    if (length < windows * context()) {
      throw new IllegalArgumentException(
          "%s has %d tokens, but a calibration needs %d of %d tokens: give a longer text or a smaller context"
              .formatted(what, length, windows, context()));
    }
  }

  /** All that the outcome of steps depends on; threads are not among it. */
  private List<String> inputs() {
    return List.of(
        "version: " + VERSION,
        "model: " + source.model().sha256(),
        "text: " + source.textSha256(),
        "held-out text: " + ModelFingerprint.sha256(heldOut),
        "number of tokens: " + tokens.length,
        "context: " + context(),
        "list of CETT targets: " + options.targets(),
        "perplexity budget: " + options.perplexityBudget(),
        "lookahead: " + options.lookahead(),
        "recall: " + options.recall());
  }

  CalibrationOptions options() {
    return options;
  }

  Transformer transformer() {
    return model.transformer();
  }

  ModelSpec spec() {
    return model.spec();
  }

  Kernels kernels() {
    return transformer().kernels();
  }

  /** Tokens of the text that are looked at. */
  int tokens() {
    return tokens.length;
  }

  /** Tokens of a window. */
  int context() {
    return Math.min(options.context(), spec().context());
  }

  ProfileSource source() {
    return source;
  }

  Checkpoint checkpoint() {
    return checkpoint;
  }

  ThreadTeam team() {
    return team;
  }

  void step(String stage, long done, long all) {
    progress.onStep(stage, done, all);
  }

  void finding(String line) {
    progress.onFinding(line);
  }

  /** Lets the text go through the model from where the file of an observer ends. */
  void readText(TextPass.TokenObserver observer, TokenFile file, String stage) {
    int next = file.next(tokens.length);
    TextPass.run(transformer(), team, tokens, next, context(), observer, progress, stage);
    file.reached(tokens.length);
  }

  /**
   * Measures the held-out text, or finds what was measured.
   *
   * @param step its name
   * @param profile to compute with
   * @throws IllegalArgumentException if the model's scores are no numbers
   */
  Measured perplexity(String step, Optional<SparsityProfile> profile, SparsityMode mode)
      throws IOException {
    Optional<Step> kept = checkpoint.find(step);
    if (kept.isPresent()) {
      List<Double> numbers = kept.get().numbers(MEASURED, 2);
      return new Measured(numbers.getFirst(), numbers.getLast());
    }
    Perplexity.Result result = perplexity(profile, mode);
    if (!Double.isFinite(result.perplexity())) {
      throw new IllegalArgumentException(
          "the held-out text has a perplexity of %s in mode %s: the model computes what is no number; check its file, or take it in a type of more range"
              .formatted(result.perplexity(), mode));
    }
    double density =
        result.layerDensity().stream().mapToDouble(Double::doubleValue).average().orElseThrow();
    var writer = new SafetensorsWriter();
    Step.put(writer, MEASURED, List.of(result.perplexity(), density));
    checkpoint.keep(step, writer);
    return new Measured(result.perplexity(), density);
  }

  private Perplexity.Result perplexity(Optional<SparsityProfile> profile, SparsityMode mode) {
    try (Arena scratch = Arena.ofShared()) {
      Transformer transformer =
          profile
              .map(each -> transformer().withProfile(each, scratch))
              .orElseGet(this::transformer);
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

  @Override
  public void close() throws IOException {
    try {
      team.close();
    } finally {
      checkpoint.close();
    }
  }
}
