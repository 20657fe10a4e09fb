package io.rivulet.trainer;

import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDManager;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * The command {@code evaluate}: the newest checkpoint's loss on all of the held-out text, in whole
 * contexts that start at paragraphs and together cover it, and the share of hidden neurons that are
 * zero.
 */
final class Evaluation {
  private final Path run;
  private final Corpus valid;

  Evaluation(Options options) throws IOException {
    run = options.path("run");
    Path data = options.path("data");
    options.done();
    valid = Corpus.read(data.resolve("valid.prefix.ids"), data.resolve("valid.plain.ids"));
  }

  void run() throws IOException, InterruptedException {
    try (PtNDManager manager = (PtNDManager) NDManager.newBaseManager()) {
      Path newest = Checkpoint.require(run);
      Checkpoint checkpoint = Checkpoint.read(manager, newest);
      int length = checkpoint.shape().context();
      List<List<long[]>> batches = new ArrayList<>();
      for (int start : valid.windowStarts(length + 1, 0)) {
        batches.add(List.of(valid.window(start, length + 1)));
      }
      try (Team team = new Team(manager, checkpoint.shape(), checkpoint.weights())) {
        Worker.Outcome outcome = team.evaluate(batches);
        System.out.printf(
            Locale.ROOT,
            "%s: loss %.4f nats a token, perplexity %.2f, over %d windows of %d tokens%n",
            newest,
            outcome.loss(),
            Math.exp(outcome.loss()),
            batches.size(),
            length);
        System.out.println(
            "zero hidden neurons by layer: "
                + Arrays.stream(outcome.shares())
                    .mapToObj(share -> String.format(Locale.ROOT, "%.1f %%", 100 * (1 - share)))
                    .collect(Collectors.joining(", ")));
      }
    }
  }
}
