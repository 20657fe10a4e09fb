package io.rivulet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.rivulet.kernels.Kernels;
import io.rivulet.kernels.KeyValueType;
import io.rivulet.kernels.ThreadTeam;
import io.rivulet.model.Batch;
import io.rivulet.model.CacheBlocks;
import io.rivulet.model.LoadedModel;
import io.rivulet.model.Reference;
import io.rivulet.model.SparsityMode;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class PerplexityTest {

  private static final String TEXT =
      "the rain in Spain stays mainly in the plain, so they say. ".repeat(4);

  private static LoadedModel model;

  @BeforeAll
  static void open() {
    model = LoadedModel.open(Reference.model("nemotron"), Kernels.select());
  }

  @AfterAll
  static void close() {
    model.close();
  }

  @Test
  void scoresTheSecondHalfOfEachWindowAfterAFreshStart() {
    int context = 20;
    int[] tokens = model.tokenizer().encode(TEXT);
    double sum = 0;
    int scored = 0;
    try (var team = new ThreadTeam(1);
        var pass = model.transformer().forwardPass(team, context, context, context)) {
      Batch batch = new Batch(context);
      int[] blocks = CacheBlocks.all(pass);
      for (int start = 0; start + context <= tokens.length; start += context) {
        batch.clear();
        for (int at = 0; at < context; at++) {
          batch.add(
              at == 0 ? model.tokenizer().bos() : tokens[start + at],
              at,
              blocks,
              SparsityMode.EXACT,
              true);
        }
        pass.run(batch);
        for (int at = 10; at < 19; at++) {
          sum -= logProbability(pass.logits().row(at), tokens[start + at + 1]);
          scored++;
        }
      }
    }
    Perplexity.Result result = measure(context, SparsityMode.EXACT, new ArrayList<>());
    assertEquals(scored, result.tokens());
    assertEquals(Math.exp(sum / scored), result.perplexity(), 1e-6 * result.perplexity());
  }

  @Test
  void slidesTheWindowAndScoresEachTokenOnce() {
    int context = 20;
    int stride = 7;
    int[] tokens = model.tokenizer().encode(TEXT);
    double sum = 0;
    try (var team = new ThreadTeam(1);
        var pass = model.transformer().forwardPass(team, context, context, context)) {
      Batch batch = new Batch(context);
      int[] blocks = CacheBlocks.all(pass);
      for (int target = 1; target < tokens.length; target++) {
        int windowsBefore = Math.max(0, Math.ceilDiv(target + 1 - context, stride));
        int start = windowsBefore * stride;
        batch.clear();
        for (int at = start; at < target; at++) {
          int token = at == start ? model.tokenizer().bos() : tokens[at];
          batch.add(token, at - start, blocks, SparsityMode.EXACT, at == target - 1);
        }
        pass.run(batch);
        sum -= logProbability(pass.logits().row(0), tokens[target]);
      }
    }
    var options =
        new Perplexity.Options(
            context, OptionalInt.of(stride), SparsityMode.EXACT, KeyValueType.F32, 2);
    Perplexity.Result result = Perplexity.of(model, TEXT, options, (done, windows, soFar) -> {});
    assertEquals(tokens.length - 1, result.tokens());
    assertEquals(
        Math.exp(sum / (tokens.length - 1)), result.perplexity(), 1e-6 * result.perplexity());
  }

  @Test
  void refusesAStrideThatLeavesTokensOut() {
    var options =
        new Perplexity.Options(20, OptionalInt.of(20), SparsityMode.OFF, KeyValueType.F32, 1);
    var refusal =
        assertThrows(
            IllegalArgumentException.class,
            () -> Perplexity.of(model, TEXT, options, (done, windows, soFar) -> {}));
    assertEquals(
        "the stride must be at least 1 and less than the context of 20, was 20",
        refusal.getMessage());
  }

  @Test
  void sparsityChangesNothingButWhatIsRead() {
    Perplexity.Result exact = measure(96, SparsityMode.EXACT, new ArrayList<>());
    Perplexity.Result off = measure(96, SparsityMode.OFF, new ArrayList<>());
    assertEquals(off.perplexity(), exact.perplexity());
    assertEquals(List.of(1.0, 1.0), off.layerDensity());
    assertTrue(exact.layerDensity().stream().allMatch(density -> density < 0.9));
  }

  @Test
  void reportsEachWindow() {
    List<Integer> done = new ArrayList<>();
    Perplexity.Result result = measure(50, SparsityMode.EXACT, done);
    assertEquals(result.windows(), done.size());
    assertEquals(result.windows(), done.getLast());
  }

  @Test
  void refusesATextShorterThanAWindow() {
    var refusal =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                Perplexity.of(
                    model,
                    "ab",
                    new Perplexity.Options(
                        50, OptionalInt.empty(), SparsityMode.OFF, KeyValueType.F32, 1),
                    (d, w, p) -> {}));
    assertTrue(refusal.getMessage().contains("less than one window of 50"), refusal.getMessage());
  }

  @Test
  void refusesAContextBeyondTheModels() {
    var refusal =
        assertThrows(
            IllegalArgumentException.class, () -> measure(97, SparsityMode.OFF, new ArrayList<>()));
    assertEquals("the context must be from 4 to the model's 96, was 97", refusal.getMessage());
  }

  private static Perplexity.Result measure(int context, SparsityMode mode, List<Integer> done) {
    return Perplexity.of(
        model,
        TEXT,
        new Perplexity.Options(context, OptionalInt.empty(), mode, KeyValueType.F32, 2),
        (window, windows, perplexity) -> done.add(window));
  }

  private static double logProbability(float[] logits, int token) {
    double sum = 0;
    for (float logit : logits) {
      sum += Math.exp(logit);
    }
    return logits[token] - Math.log(sum);
  }
}
