package io.rivulet.trainer;

import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDManager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The command {@code train}: goes on from the newest checkpoint of its folder, or begins, and stops
 * when its time is over.
 */
final class Training {
  private static final int REPORT_STEPS = 20;
  private static final int EVALUATE_STEPS = 100;
  private static final int EVALUATE_WINDOWS = 96;
  private static final int SAMPLE_STEPS = 300;
  private static final double CHECKPOINT_SECONDS = 300;
  private static final long SEED = 20;

  private final Path run;
  private final Corpus train;
  private final Corpus valid;
  private final Vocabulary vocabulary;
  private final Schedule schedule;
  private final ModelShape fresh;
  private final int batchTokens;
  private final int microTokens;
  private final double muonRate;
  private final double adamRate;
  private final double decay;

  Training(Options options) throws IOException {
    run = options.path("run");
    Path data = options.path("data");
    vocabulary = Vocabulary.read(options.path("vocabulary"));
    fresh =
        new ModelShape(
            vocabulary.pieces().size(),
            options.integer("width", 256),
            options.integer("layers", 8),
            options.integer("heads", 4),
            options.integer("groups", 2),
            options.integer("hidden", 1024),
            options.integer("context", 512));
    schedule =
        new Schedule(
            60 * options.number("minutes", 100),
            options.integer("warmup", 60),
            options.number("decay-share", 0.46),
            options.number("long-share", 0.18),
            options.number("density", 0.10));
    batchTokens = options.integer("batch", 8192);
    microTokens = options.integer("micro-batch", 1024);
    muonRate = options.number("muon-rate", 0.02);
    adamRate = options.number("adam-rate", 0.004);
    decay = options.number("weight-decay", 0.05);
    options.done();
    if (batchTokens % microTokens != 0
        || batchTokens < 2 * microTokens
        || microTokens % fresh.context() != 0) {
      throw new IllegalArgumentException(
          "--batch must be two or more times --micro-batch, and that a multiple of --context");
    }
    train = Corpus.read(data.resolve("train.prefix.ids"), data.resolve("train.plain.ids"));
    valid = Corpus.read(data.resolve("valid.prefix.ids"), data.resolve("valid.plain.ids"));
    Files.createDirectories(run);
  }

  void run() throws IOException, InterruptedException {
    try (PtNDManager manager = (PtNDManager) NDManager.newBaseManager()) {
      Optional<Path> newest = Checkpoint.newest(run);
      Checkpoint start =
          newest.isPresent()
              ? Checkpoint.read(manager, newest.get())
              : new Checkpoint(
                  fresh,
                  new Checkpoint.Progress(0, 0, 0, 0, 0),
                  SparsityControl.initial(fresh.layers()),
                  Weights.initial(manager, fresh, SEED));
      System.out.printf(
          "%s; %d parameters; %d tokens of text; %s%n",
          start.shape(),
          start.shape().tensors().stream().mapToInt(ModelShape.Tensor::size).sum(),
          train.tokens(),
          newest.map(file -> "going on from " + file).orElse("beginning"));
      try (Team team = new Team(manager, start.shape(), start.weights())) {
        loop(team, start);
      }
    }
  }

  private void loop(Team team, Checkpoint start) throws IOException, InterruptedException {
    ModelShape shape = start.shape();
    TrainingLog log = new TrainingLog(run.resolve("log.csv"));
    SparsityControl control = new SparsityControl(start.penalties());
    int longLength = shape.context();
    int shortLength = longLength / 2;
    int[] shortStarts = train.windowStarts(shortLength + 1, SEED);
    int[] longStarts = train.windowStarts(longLength + 1, SEED + 1);
    List<List<long[]>> held = heldOut(shortLength);
    Checkpoint.Progress progress = start.progress();
    double began = seconds() - progress.seconds();
    double saved = progress.seconds();
    double lossSum = 0;
    int lossCount = 0;
    while (!schedule.over(seconds() - began)) {
      double elapsed = seconds() - began;
      boolean isLong = schedule.longWindows(elapsed);
      int length = isLong ? longLength : shortLength;
      int[] starts = isLong ? longStarts : shortStarts;
      int cursor = isLong ? progress.longWindows() : progress.shortWindows();
      List<List<long[]>> batches = batches(train, starts, cursor, length, batchTokens);
      Worker.Outcome outcome = team.accumulate(batches, control.penalties());
      double factor = schedule.rate(progress.step(), elapsed);
      double norm =
          team.step(
              batches.size(),
              progress.step(),
              new Team.Rates(muonRate * factor, adamRate * factor, decay));
      if (!Double.isFinite(outcome.loss()) || !Double.isFinite(norm)) {
        throw new IllegalStateException(
            "loss %s, gradient norm %s at step %d: lower the rates and go on from the last checkpoint"
                .formatted(outcome.loss(), norm, progress.step()));
      }
      control.update(outcome.shares(), schedule.density(elapsed));
      int used = batchTokens / length;
      progress =
          new Checkpoint.Progress(
              progress.step() + 1,
              seconds() - began,
              progress.tokens() + batchTokens,
              progress.shortWindows() + (isLong ? 0 : used),
              progress.longWindows() + (isLong ? used : 0));
      lossSum += outcome.loss();
      lossCount++;
      boolean last = schedule.over(progress.seconds());
      if (progress.step() % REPORT_STEPS == 0 || last) {
        boolean evaluate = progress.step() % EVALUATE_STEPS == 0 || last;
        double loss = evaluate ? team.evaluate(held).loss() : Double.NaN;
        log.row(progress, lossSum / lossCount, loss, factor, outcome.shares(), control.penalties());
        lossSum = 0;
        lossCount = 0;
      }
      if (progress.step() % SAMPLE_STEPS == 0 || last) {
        Sampler sampler = new Sampler(team.firstWorker(), vocabulary, progress.step());
        long[] prompt = valid.window(progress.step() % 1000 + 1, 6);
        System.out.println("sample: " + team.onFirst(() -> sampler.sample(prompt, 60)));
      }
      if (progress.seconds() - saved > CHECKPOINT_SECONDS || last) {
        new Checkpoint(shape, progress, control.penalties(), start.weights()).save(run);
        saved = progress.seconds();
      }
    }
  }

  /** The same windows at every evaluation, spread over the held-out text. */
  private List<List<long[]>> heldOut(int length) {
    int[] starts = valid.windowStarts(length + 1, SEED);
    return batches(valid, starts, 0, length, EVALUATE_WINDOWS * length);
  }

  /** {@code tokens} tokens from the window at {@code cursor} on, as micro-batches. */
  private List<List<long[]>> batches(
      Corpus corpus, int[] starts, int cursor, int length, int tokens) {
    List<List<long[]>> batches = new ArrayList<>();
    int at = cursor;
    for (int i = 0; i < tokens / microTokens; i++) {
      List<long[]> windows = new ArrayList<>();
      for (int j = 0; j < microTokens / length; j++) {
        windows.add(corpus.window(starts[at++ % starts.length], length + 1));
      }
      batches.add(windows);
    }
    return batches;
  }

  private static double seconds() {
    return System.nanoTime() / 1e9;
  }
}
