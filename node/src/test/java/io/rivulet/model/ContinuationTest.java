package io.rivulet.model;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.rivulet.kernels.Kernels;
import io.rivulet.kernels.ThreadTeam;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Greedy text of every architecture and every weight type against PyTorch, which is held to
 * llama.cpp: see {@code src/test/reference/README.md}.
 */
class ContinuationTest {

  /**
   * Of a log-probability or score, beside the greatest score where that is more than 1. The
   * reference sums in double precision, so this is what float32 loses here.
   */
  private static final double TOLERANCE = 1e-4;

  static Stream<Path> models() {
    return Stream.of("architectures", "types").map(ContinuationTest::models).flatMap(List::stream);
  }

  @ParameterizedTest
  @MethodSource("models")
  void tokensAndProbabilitiesAreTheReferences(Path file) {
    Continuation expected = Continuation.of(file);
    List<Integer> prompt = expected.prompt();
    int length = prompt.size() + expected.tokens().size();
    try (var model = LoadedModel.open(file, Kernels.select());
        var team = new ThreadTeam(2);
        var pass = model.transformer().forwardPass(team, prompt.size(), 1, length)) {
      Batch batch = new Batch(prompt.size());
      int[] blocks = CacheBlocks.all(pass);
      for (int at = 0; at < prompt.size(); at++) {
        batch.add(prompt.get(at), at, blocks, SparsityMode.EXACT, at == prompt.size() - 1);
      }
      for (int step = 0; step < expected.tokens().size(); step++) {
        pass.run(batch);
        float[] logits = pass.logits().row(0);
        int token = best(logits);
        assertEquals(expected.tokens().get(step), token, "token " + step);
        assertScores(expected, step, logits);
        batch.clear();
        batch.add(token, prompt.size() + step, blocks, SparsityMode.EXACT, true);
      }
      if (model.spec().sparse()) {
        for (int layer = 0; layer < model.spec().layers(); layer++) {
          assertEquals(expected.active().get(layer), pass.activeNeurons(0, layer));
        }
      }
    }
  }

  private static void assertScores(Continuation expected, int step, float[] logits) {
    List<Integer> ids = expected.topIds().get(step);
    List<Double> scores = expected.topLogits().get(step);
    double allowed = TOLERANCE * Math.max(1, Math.abs(scores.getFirst()));
    assertEquals(
        expected.logprobs().get(step),
        logProbability(logits, ids.getFirst()),
        allowed,
        "log-probability of token " + step);
    for (int i = 0; i < ids.size(); i++) {
      assertEquals(scores.get(i), logits[ids.get(i)], allowed, "score at token " + step);
    }
  }

  private static int best(float[] logits) {
    int best = 0;
    for (int id = 1; id < logits.length; id++) {
      if (logits[id] > logits[best]) {
        best = id;
      }
    }
    return best;
  }

  private static double logProbability(float[] logits, int token) {
    double sum = 0;
    for (float logit : logits) {
      sum += Math.exp((double) logit - logits[token]);
    }
    return -Math.log(sum);
  }

  private static List<Path> models(String folder) {
    try {
      return Continuation.models(folder);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
