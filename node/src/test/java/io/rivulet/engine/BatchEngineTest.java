package io.rivulet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.rivulet.kernels.Kernels;
import io.rivulet.kernels.KeyValueType;
import io.rivulet.model.LoadedModel;
import io.rivulet.model.Reference;
import io.rivulet.model.SparsityMode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class BatchEngineTest {

  private static final String PROMPT = "the rain in Spain";
  private static final SamplingParameters SAMPLED = new SamplingParameters(1, 0, 0.95, 0, 7);
  private static final EngineOptions OPTIONS =
      EngineOptions.DEFAULT.withThreads(2).withKvType(KeyValueType.F32).withPrefillChunk(16);

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
  void streamsTokensInOrderThenTheResult() throws Exception {
    Recording recording = run(OPTIONS, task(PROMPT, 12, SAMPLED));
    GenerationResult result = recording.result();

    List<GeneratedToken> tokens = recording.tokens();
    assertEquals(
        IntStream.range(0, 12).boxed().toList(),
        tokens.stream().map(GeneratedToken::index).toList());
    assertEquals(FinishReason.LENGTH, result.finishReason());
    assertEquals(12, result.generatedTokens());
    assertEquals(model.tokenizer().encode(PROMPT).length, result.promptTokens());
    assertTrue(result.error().isEmpty());
    double mean = tokens.stream().mapToDouble(GeneratedToken::density).average().orElseThrow();
    assertEquals(mean, result.density(), 1e-9);
    assertTrue(mean > 0.2 && mean < 0.8, "density " + mean);
  }

  @Test
  void anEndThatNobodyAskedForIsToldWithItsReason() throws Exception {
    LoadedModel lost = LoadedModel.open(Reference.model("nemotron"), Kernels.select());
    try (var engine = BatchEngine.start(lost, OPTIONS)) {
      // The engine computes to get warm, and then has no weights any more.
      lost.close();

      String reason = engine.failed().toCompletableFuture().get(60, TimeUnit.SECONDS);

      assertTrue(reason.startsWith("the engine ended: "), reason);
      assertThrows(
          IllegalStateException.class,
          () -> engine.submit(task(PROMPT, 2, SAMPLED), new Recording()));
    }
  }

  @Test
  void anEngineThatWaitsForWorkIsNotStalledAndClosingItIsNoFailure() throws Exception {
    var engine = BatchEngine.start(model, OPTIONS);
    submit(engine, task(PROMPT, 2, SAMPLED)).result();

    // The result comes in the midst of the last step.
    while (!engine.stalled().isZero()) {
      Thread.onSpinWait();
    }
    engine.close();

    assertFalse(engine.failed().toCompletableFuture().isDone());
  }

  @Test
  void offAndExactGiveTheSameTokens() throws Exception {
    var off = new GenerationTask(PROMPT, 40, SAMPLED, SparsityMode.OFF);
    Recording dense = run(OPTIONS, off);
    assertEquals(run(OPTIONS, task(PROMPT, 40, SAMPLED)).ids(), dense.ids());
    assertEquals(1, dense.result().density());
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void anyNumberOfThreadsGivesTheSameTokens(int threads) throws Exception {
    assertEquals(
        run(OPTIONS.withThreads(1), task(PROMPT, 40, SAMPLED)).ids(),
        run(OPTIONS.withThreads(threads), task(PROMPT, 40, SAMPLED)).ids());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 64})
  void anyPrefillChunkGivesTheSameTokens(int chunk) throws Exception {
    assertEquals(
        run(OPTIONS, task(PROMPT, 40, SAMPLED)).ids(),
        run(OPTIONS.withPrefillChunk(chunk), task(PROMPT, 40, SAMPLED)).ids());
  }

  @Test
  void aloneAndBesideSevenOthersGivesTheSameTokens() throws Exception {
    List<Integer> alone = run(OPTIONS, task(PROMPT, 40, SAMPLED)).ids();
    try (var engine = BatchEngine.start(model, OPTIONS)) {
      List<Recording> others = new ArrayList<>();
      for (int i = 0; i < 7; i++) {
        others.add(submit(engine, task("another prompt ".repeat(1 + i % 3), 20 + i, SAMPLED)));
      }
      Recording ours = submit(engine, task(PROMPT, 40, SAMPLED));
      assertEquals(alone, ours.ids());
      for (Recording other : others) {
        other.result();
      }
    }
  }

  @Test
  void theSeedDecides() throws Exception {
    var other = new SamplingParameters(1, 0, 0.95, 0, 8);
    assertEquals(
        run(OPTIONS, task(PROMPT, 30, SAMPLED)).ids(),
        run(OPTIONS, task(PROMPT, 30, SAMPLED)).ids());
    assertNotEquals(
        run(OPTIONS, task(PROMPT, 30, SAMPLED)).ids(), run(OPTIONS, task(PROMPT, 30, other)).ids());
  }

  @Test
  void endsWithoutATokenWhereTheModelEnds() throws Exception {
    // At this temperature every token is as likely as any other, so the end comes soon for some
    // seed.
    for (long seed = 0; seed < 200; seed++) {
      Recording recording = run(OPTIONS, task("e", 80, new SamplingParameters(100, 0, 1, 0, seed)));
      if (recording.result().finishReason() == FinishReason.STOP) {
        assertFalse(recording.ids().contains(model.tokenizer().eos()));
        assertEquals(recording.ids().size(), recording.result().generatedTokens());
        return;
      }
    }
    throw new AssertionError("no generation ended by itself");
  }

  @Test
  void textComesInWholeCharacters() throws Exception {
    Recording recording = run(OPTIONS, task("é", 60, new SamplingParameters(100, 0, 1, 0, 3)));
    byte[] bytes = new byte[0];
    for (int id : recording.ids()) {
      byte[] more = model.tokenizer().bytes(id);
      int length = bytes.length;
      bytes = java.util.Arrays.copyOf(bytes, length + more.length);
      System.arraycopy(more, 0, bytes, length, more.length);
    }
    assertEquals(new String(bytes, java.nio.charset.StandardCharsets.UTF_8), recording.text());
  }

  @Test
  void tasksBeyondTheBatchWaitAndAllFinish() throws Exception {
    try (var engine = BatchEngine.start(model, OPTIONS.withBatchSize(2))) {
      List<Recording> recordings = new ArrayList<>();
      for (int i = 0; i < 9; i++) {
        recordings.add(submit(engine, task(PROMPT, 5 + i, SAMPLED)));
      }
      for (int i = 0; i < 9; i++) {
        assertEquals(5 + i, recordings.get(i).result().generatedTokens());
      }
      awaitIdle(engine);
      EngineLoad load = engine.load();
      assertEquals(5 * 9 + 36, load.generatedTokens());
      assertEquals(9L * model.tokenizer().encode(PROMPT).length, load.promptTokens());
      assertEquals(0, load.kvTokensUsed());
    }
  }

  @Test
  void tasksWaitInTheOrderOfTheirPriorities() throws Exception {
    try (var engine = BatchEngine.start(model, OPTIONS.withBatchSize(1))) {
      var gate = new Gate();
      engine.submit(task("e", 1, SAMPLED), gate);
      gate.awaitReached();
      List<Integer> order = new CopyOnWriteArrayList<>();
      List<Recording> recordings = new ArrayList<>();
      for (int priority : new int[] {9, 0, -4, 0, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
        var recording = new Recording();
        int number = recordings.size();
        recordings.add(recording);
        engine.submit(
            task(PROMPT, 1, SAMPLED).withPriority(priority),
            new GenerationListener() {
              @Override
              public void onToken(GeneratedToken token) {
                order.add(number);
              }

              @Override
              public void onFinish(GenerationResult result) {
                recording.onFinish(result);
              }
            });
      }
      assertEquals(6, engine.load().waiting());
      assertTrue(engine.load().longestWait().isPositive());
      gate.open();
      for (Recording recording : recordings) {
        recording.result();
      }
      assertEquals(List.of(5, 2, 1, 3, 0, 4), order);
      assertEquals(Duration.ZERO, engine.load().longestWait());
    }
  }

  @Test
  void tasksThatDoNotFitTheCacheTogetherRunOneAfterTheOther() throws Exception {
    int need = model.tokenizer().encode(PROMPT).length + 10 - 1;
    try (var engine = BatchEngine.start(model, OPTIONS.withKvTokens(need))) {
      Recording first = submit(engine, task(PROMPT, 10, SAMPLED));
      Recording second = submit(engine, task(PROMPT, 10, SAMPLED));
      assertEquals(first.ids(), second.ids());
    }
  }

  @Test
  void refusesATaskThatCanNeverFitTheContext() {
    try (var engine = BatchEngine.start(model, OPTIONS)) {
      int prompt = model.tokenizer().encode(PROMPT).length;
      assertRefused(
          engine,
          task(PROMPT, 96 - prompt + 1, SAMPLED),
          "a prompt of %d tokens and max_tokens of %d exceed the model's context of 96 tokens: shorten one of them"
              .formatted(prompt, 96 - prompt + 1));
    }
  }

  @Test
  void refusesATaskThatCanNeverFitTheCache() {
    try (var engine = BatchEngine.start(model, OPTIONS.withKvTokens(20))) {
      int prompt = model.tokenizer().encode(PROMPT).length;
      assertRefused(
          engine,
          task(PROMPT, 50, SAMPLED),
          "a prompt of %d tokens and max_tokens of 50 exceed the key-value cache of 32 tokens: shorten one of them, or give the cache more tokens"
              .formatted(prompt));
    }
  }

  @Test
  void fillsTheContextToTheLastToken() throws Exception {
    int prompt = model.tokenizer().encode(PROMPT).length;
    assertEquals(
        96 - prompt, run(OPTIONS, task(PROMPT, 96 - prompt, SAMPLED)).result().generatedTokens());
  }

  @Test
  void cancelEndsARunningGenerationAndNoOther() throws Exception {
    try (var engine = BatchEngine.start(model, OPTIONS)) {
      var gate = new Gate();
      var ours = new Recording();
      Generation generation = engine.submit(task(PROMPT, 70, SAMPLED), ours);
      engine.submit(task("e", 1, SAMPLED), gate);
      Recording other = submit(engine, task(PROMPT, 30, SAMPLED));
      gate.awaitReached();
      generation.cancel();
      int produced = ours.tokens().size();
      gate.open();
      assertEquals(FinishReason.CANCELLED, ours.result().finishReason());
      assertTrue(ours.tokens().size() <= produced + 1, "more than a step after the cancel");
      assertEquals(30, other.result().generatedTokens());
    }
  }

  @Test
  void cancelEndsAQueuedTask() throws Exception {
    try (var engine = BatchEngine.start(model, OPTIONS.withBatchSize(1))) {
      Recording running = submit(engine, task(PROMPT, 70, SAMPLED));
      var queued = new Recording();
      Generation generation = engine.submit(task(PROMPT, 5, SAMPLED), queued);
      generation.cancel();
      assertEquals(FinishReason.CANCELLED, queued.result().finishReason());
      assertEquals(0, queued.tokens().size());
      assertEquals(70, running.result().generatedTokens());
    }
  }

  @Test
  void aThrowingListenerEndsItsOwnGenerationAlone() throws Exception {
    try (var engine = BatchEngine.start(model, OPTIONS)) {
      var result = new java.util.concurrent.CompletableFuture<GenerationResult>();
      engine.submit(
          task(PROMPT, 20, SAMPLED),
          new GenerationListener() {
            @Override
            public void onToken(GeneratedToken token) {
              if (token.index() == 3) {
                throw new IllegalStateException("the pipe is broken");
              }
            }

            @Override
            public void onFinish(GenerationResult end) {
              result.complete(end);
              throw new IllegalStateException("and the floor is wet");
            }
          });
      Recording other = submit(engine, task(PROMPT, 40, SAMPLED));
      assertEquals(FinishReason.ERROR, result.get(60, TimeUnit.SECONDS).finishReason());
      assertEquals("the pipe is broken", result.get().error().orElseThrow());
      assertEquals(40, other.result().generatedTokens());
      assertEquals(6, submit(engine, task(PROMPT, 6, SAMPLED)).result().generatedTokens());
    }
  }

  @Test
  void closeCancelsWhatIsLeftAndRefusesMore() throws Exception {
    var engine = BatchEngine.start(model, OPTIONS.withBatchSize(1));
    var gate = new Gate();
    engine.submit(task("e", 2, SAMPLED), gate);
    Recording queued = submit(engine, task(PROMPT, 70, SAMPLED));
    gate.awaitReached();
    var closer = Thread.ofVirtual().start(engine::close);
    while (true) {
      try {
        submit(engine, task(PROMPT, 70, SAMPLED));
        Thread.sleep(1);
      } catch (IllegalStateException e) {
        break;
      }
    }
    gate.open();
    closer.join();
    assertEquals(FinishReason.CANCELLED, queued.result().finishReason());
    assertTrue(queued.finished());
    assertThrows(IllegalStateException.class, () -> submit(engine, task(PROMPT, 1, SAMPLED)));
  }

  @Test
  void warmingUpLeavesNoTrace() throws Exception {
    GenerationTask task = task(PROMPT, 12, SAMPLED);
    List<GeneratedToken> atOnce = run(OPTIONS, task).tokens();
    try (var engine = BatchEngine.start(model, OPTIONS)) {
      Thread.sleep(300);
      assertEquals(0, engine.load().steps().all());
      assertEquals(0, engine.layerActivity().getFirst().tokens());
      Recording recording = submit(engine, task);
      recording.result();
      assertEquals(atOnce, recording.tokens());
    }
  }

  @Test
  void anIdleEngineUsesNoProcessorTime() throws Exception {
    try (var engine = BatchEngine.start(model, OPTIONS)) {
      submit(engine, task(PROMPT, 5, SAMPLED)).result();
      awaitIdle(engine);
      List<Thread> parked =
          Thread.getAllStackTraces().keySet().stream()
              .filter(thread -> thread.getName().startsWith("rivulet-"))
              .toList();
      assertTrue(parked.size() >= 2, parked.toString());
      for (Thread thread : parked) {
        while (thread.getState() != Thread.State.WAITING) {
          Thread.sleep(5);
        }
      }
    }
  }

  @Test
  void countsActivityByLayer() throws Exception {
    try (var engine = BatchEngine.start(model, OPTIONS)) {
      submit(engine, new GenerationTask(PROMPT, 5, SAMPLED, SparsityMode.OFF)).result();
      long tokens = model.tokenizer().encode(PROMPT).length + 4L;
      for (NeuronActivity activity : engine.layerActivity()) {
        assertEquals(tokens, activity.tokens());
        assertEquals(tokens * model.spec().neurons(), activity.read());
        assertEquals(1, activity.density());
      }
      submit(engine, task(PROMPT, 5, SAMPLED)).result();
      assertEquals(2, engine.layerActivity().size());
      assertTrue(engine.layerActivity().get(1).density() < 0.9);
    }
  }

  /** Holds the step thread at its first token. */
  private static final class Gate implements GenerationListener {
    private final CountDownLatch reached = new CountDownLatch(1);
    private final CountDownLatch opened = new CountDownLatch(1);

    @Override
    public void onToken(GeneratedToken token) {
      reached.countDown();
      try {
        opened.await();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }

    @Override
    public void onFinish(GenerationResult result) {}

    void awaitReached() throws InterruptedException {
      reached.await();
    }

    void open() {
      opened.countDown();
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

  private static Recording run(EngineOptions options, GenerationTask task) throws Exception {
    try (var engine = BatchEngine.start(model, options)) {
      Recording recording = submit(engine, task);
      recording.result();
      return recording;
    }
  }

  private static void assertRefused(Engine engine, GenerationTask task, String expected) {
    var refusal = assertThrows(IllegalArgumentException.class, () -> submit(engine, task));
    assertEquals(expected, refusal.getMessage());
  }

  private static void awaitIdle(Engine engine) throws InterruptedException {
    while (engine.load().running() > 0) {
      Thread.sleep(1);
    }
  }
}
