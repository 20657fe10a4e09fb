package io.rivulet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.rivulet.kernels.Kernels;
import io.rivulet.model.ForwardPass;
import io.rivulet.model.LoadedModel;
import io.rivulet.model.Reference;
import io.rivulet.model.SparsityMode;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(120)
class PrefixReuseTest {

  private static final int BLOCK = ForwardPass.BLOCK_TOKENS;
  private static final SamplingParameters SAMPLED = new SamplingParameters(1, 0, 0.95, 0, 7);
  private static final EngineOptions OPTIONS =
      EngineOptions.DEFAULT.withThreads(2).withPrefillChunk(16);
  private static final EngineOptions WITHOUT = OPTIONS.withPrefixCacheTokens(0);

  /** 65 tokens: two full blocks and one more. */
  private static final String SYSTEM = the(64);

  private static LoadedModel model;

  @BeforeAll
  static void open() {
    model = LoadedModel.open(Reference.model("nemotron"), Kernels.select());
  }

  @AfterAll
  static void close() {
    model.close();
  }

  /** A text of one token more than this: the beginning, and a word so often. */
  private static String the(int count) {
    return "the" + " the".repeat(count - 1);
  }

  @ParameterizedTest
  @CsvSource({"1, 16, 8", "2, 1, 8", "3, 64, 1"})
  void sameTokensAndLogprobsAsWithoutReuse(int threads, int chunk, int batch) throws Exception {
    EngineOptions options =
        OPTIONS.withThreads(threads).withPrefillChunk(chunk).withBatchSize(batch);
    List<GenerationTask> tasks = new ArrayList<>();
    for (String end : List.of("", " rain", " in Spain", " the the", "")) {
      tasks.add(task(SYSTEM + end, 10, SamplingParameters.GREEDY));
      tasks.add(task(SYSTEM + end, 9, SAMPLED));
      tasks.add(new GenerationTask(SYSTEM + end, 8, SAMPLED, SparsityMode.OFF).withTopLogprobs(3));
    }
    int reused = 0;
    try (var engine = BatchEngine.start(model, options)) {
      List<Recording> recordings = new ArrayList<>();
      for (GenerationTask task : tasks) {
        recordings.add(submit(engine, task));
      }
      for (int i = 0; i < tasks.size(); i++) {
        assertSame(alone(tasks.get(i)), recordings.get(i));
        reused += recordings.get(i).result().reusedTokens();
      }
      // One reads the shared beginning, whoever joins when.
      assertEquals((tasks.size() - 1) * 2 * BLOCK, reused);
      PrefixCacheLoad counts = engine.load().prefixCache();
      assertEquals(reused, counts.reused());
      long promptTokens = 0;
      for (Recording recording : recordings) {
        promptTokens += recording.result().promptTokens();
      }
      assertEquals(promptTokens, counts.lookedUp());
      assertEquals(promptTokens - reused, engine.load().promptTokens());
    }
  }

  @Test
  void aPromptThatContainsAnAnswerReusesBoth() throws Exception {
    int the = model.tokenizer().encode(the(2))[1];
    var parrot = SAMPLED.withLogitBias(Map.of(the, 100.0));
    try (var engine = BatchEngine.start(model, OPTIONS)) {
      Recording answer = submit(engine, task(the(10), 60, parrot));
      assertEquals(the(60), answer.text().strip());
      GenerationTask next = task(the(70) + " rain", 5, SAMPLED);
      Recording recording = submit(engine, next);
      assertSame(alone(next), recording);
      assertEquals(2 * BLOCK, recording.result().reusedTokens());
    }
  }

  @Test
  void aRunningSequenceSharesWhatItHasComputed() throws Exception {
    GenerationTask next = task(SYSTEM + " rain", 5, SAMPLED);
    var recording = new Recording();
    try (var engine = BatchEngine.start(model, OPTIONS)) {
      var running =
          new Listener(
              token -> {
                if (token.index() == 3) {
                  engine.submit(next, recording);
                }
              });
      engine.submit(task(SYSTEM, 30, SAMPLED), running);
      assertSame(alone(next), recording);
      assertEquals(2 * BLOCK, recording.result().reusedTokens());
      assertEquals(alone(task(SYSTEM, 30, SAMPLED)).ids(), running.ids());
    }
  }

  @Test
  void sameTokensWhenBlocksGiveWayAllTheTime() throws Exception {
    var random = new Random(5);
    List<GenerationTask> tasks = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      String first = List.of("the", "in", "rain").get(random.nextInt(3));
      String prompt = first + (" " + List.of("e", "o").get(random.nextInt(2))).repeat(33);
      tasks.add(task(prompt, 1 + random.nextInt(12), SAMPLED));
    }
    long used;
    try (var engine = BatchEngine.start(model, OPTIONS.withBatchSize(2).withKvTokens(7 * BLOCK))) {
      List<Recording> recordings = new ArrayList<>();
      for (GenerationTask task : tasks) {
        recordings.add(submit(engine, task));
      }
      for (int i = 0; i < tasks.size(); i++) {
        assertSame(alone(tasks.get(i)), recordings.get(i));
      }
      used = engine.load().prefixCache().reused();
      assertTrue(used > 0 && engine.load().prefixCache().evicted() > 0, engine.load().toString());
    }
  }

  @Test
  void aBudgetBoundsWhatIsKept() throws Exception {
    try (var engine = BatchEngine.start(model, OPTIONS.withPrefixCacheTokens(BLOCK + 5))) {
      assertEquals(0, submit(engine, task(SYSTEM, 5, SAMPLED)).result().reusedTokens());
      assertEquals(BLOCK, submit(engine, task(SYSTEM, 5, SAMPLED)).result().reusedTokens());
      assertEquals(BLOCK, engine.load().prefixCache().cached());
    }
    try (var engine = BatchEngine.start(model, WITHOUT)) {
      submit(engine, task(SYSTEM, 5, SAMPLED)).result();
      assertEquals(0, submit(engine, task(SYSTEM, 5, SAMPLED)).result().reusedTokens());
      assertEquals(PrefixCacheLoad.NONE, engine.load().prefixCache());
    }
  }

  @Test
  void cancelledInTheMidstOfAPromptLeavesOnlyWhatIsComputed() throws Exception {
    GenerationTask task = task(SYSTEM + " rain", 5, SAMPLED);
    var cut = new Recording();
    try (var engine = BatchEngine.start(model, OPTIONS.withPrefillChunk(1))) {
      var generation = new Generation[1];
      var running =
          new Listener(
              token -> {
                if (token.index() == 0) {
                  generation[0] = engine.submit(task, cut);
                } else if (token.index() == 50) {
                  generation[0].cancel();
                }
              });
      engine.submit(task("e", 70, SAMPLED), running);
      assertEquals(FinishReason.CANCELLED, cut.result().finishReason());
      Recording again = submit(engine, task);
      assertSame(alone(task), again);
      assertEquals(BLOCK, again.result().reusedTokens());
    }
  }

  @Test
  void whatAFailedStepLeftIsNeverRead() throws Exception {
    var fails = new AtomicBoolean();
    GenerationTask task = task(SYSTEM + " the".repeat(8), 5, SAMPLED);
    try (var faulty = LoadedModel.open(Reference.model("nemotron"), failing(fails));
        var engine = BatchEngine.start(faulty, OPTIONS.withPrefillChunk(24))) {
      var cut = new Recording();
      // Of the prompt 24, 48 and then, in the step that fails, 72 tokens.
      var running =
          new Listener(
              token -> {
                if (token.index() == 0) {
                  engine.submit(task, cut);
                }
                fails.set(token.index() == 2);
              });
      engine.submit(task("e", 70, SAMPLED), running);
      assertEquals(FinishReason.ERROR, cut.result().finishReason());
      assertEquals("the power is out", cut.result().error().orElseThrow());
      fails.set(false);
      Recording again = submit(engine, task);
      assertSame(alone(task), again);
      assertEquals(BLOCK, again.result().reusedTokens());
    }
  }

  /** Kernels that compute until they are to fail, and then half of a step. */
  private static Kernels failing(AtomicBoolean fails) {
    Kernels sound = Kernels.select();
    return (Kernels)
        Proxy.newProxyInstance(
            Kernels.class.getClassLoader(),
            new Class<?>[] {Kernels.class},
            (proxy, method, arguments) -> {
              if (fails.get() && method.getName().startsWith("attend")) {
                throw new IllegalStateException("the power is out");
              }
              try {
                return method.invoke(sound, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  /** Does something at each token, on the engine's thread. */
  private static final class Listener implements GenerationListener {

    private final Recording recording = new Recording();
    private final Consumer<GeneratedToken> atToken;

    Listener(Consumer<GeneratedToken> atToken) {
      this.atToken = atToken;
    }

    @Override
    public void onToken(GeneratedToken token) {
      recording.onToken(token);
      atToken.accept(token);
    }

    @Override
    public void onFinish(GenerationResult result) {
      recording.onFinish(result);
    }

    List<Integer> ids() throws Exception {
      return recording.ids();
    }
  }

  private static GenerationTask task(String prompt, int maxTokens, SamplingParameters sampling) {
    return new GenerationTask(prompt, maxTokens, sampling, SparsityMode.EXACT);
  }

  private static Recording submit(Engine engine, GenerationTask task) {
    var recording = new Recording();
    engine.submit(task, recording);
    return recording;
  }

  /** By itself in an engine that shares nothing. */
  private static Recording alone(GenerationTask task) throws Exception {
    try (var engine = BatchEngine.start(model, WITHOUT)) {
      Recording recording = submit(engine, task);
      assertEquals(0, recording.result().reusedTokens());
      return recording;
    }
  }

  /** To the bit: log-probabilities, densities and all. */
  private static void assertSame(Recording expected, Recording actual) throws Exception {
    assertEquals(expected.text(), actual.text());
    assertEquals(expected.tokens(), actual.tokens());
  }
}
