package io.rivulet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.rivulet.kernels.Kernels;
import io.rivulet.model.LoadedModel;
import io.rivulet.model.RandomProfile;
import io.rivulet.model.Reference;
import io.rivulet.model.SparsityMode;
import io.rivulet.model.profile.SparsityProfileFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An answer that goes on where another attempt ended is the answer that never stopped. */
@Timeout(120)
class ContinuedTest {

  /** With the beginning of the sequence 27 tokens: the answer crosses into the next blocks. */
  private static final String PROMPT = "the" + " the".repeat(25);

  private static final SamplingParameters SAMPLED =
      new SamplingParameters(1.5, 0, 0.98, 0, 7).withPenalties(new Penalties(1.1, 0.5, 0.25));

  private static LoadedModel model;

  @BeforeAll
  static void open(@TempDir Path folder) throws IOException {
    Path file = Reference.model("nemotron");
    Path profile = folder.resolve("profile.safetensors");
    try (var plain = LoadedModel.open(file, Kernels.scalar());
        Arena arena = Arena.ofShared()) {
      SparsityProfileFile.write(new RandomProfile(0.002f, 1, 0).of(plain, arena), profile);
    }
    model = LoadedModel.open(file, profile, Kernels.select());
  }

  @AfterAll
  static void close() {
    model.close();
  }

  @ParameterizedTest
  @EnumSource
  void goesOnAsIfItHadNeverStopped(SparsityMode mode) throws Exception {
    var options = EngineOptions.DEFAULT.withThreads(2).withPrefillChunk(24);
    GenerationTask task = task(mode, 60).withTopLogprobs(2);
    Recording whole;
    try (var engine = BatchEngine.start(model, options)) {
      whole = submit(engine, task);
      assertEquals(60, whole.ids().size());
    }
    for (EngineOptions each : List.of(options, options.withPrefixCacheTokens(0))) {
      try (var engine = BatchEngine.start(model, each)) {
        for (int cut : new int[] {1, 4, 5, 6, 20, 37, 38, 59}) {
          Recording rest = submit(engine, task.withContinued(whole.ids().subList(0, cut)));
          submit(engine, task(mode, 3));
          assertEquals(FinishReason.LENGTH, rest.result().finishReason());
          assertEquals(whole.tokens().subList(cut, 60), rest.tokens(), "cut at " + cut);
          assertEquals(whole.result().layerDensity(), rest.result().layerDensity());
          assertEquals(60, rest.result().generatedTokens());
          assertEquals(whole.result().promptTokens(), rest.result().promptTokens());
        }
      }
    }
  }

  @Test
  void stopStringsAndSplitCharactersGoOnToo() throws Exception {
    // At this temperature any byte follows any other.
    var wild = new SamplingParameters(100, 0, 1, 0, 3);
    GenerationTask task = task(SparsityMode.EXACT, 60).withStop(stop(List.of(), true));
    task =
        new GenerationTask(
            task.input(), 60, wild, task.stop(), task.topLogprobs(), task.sparsity());
    try (var engine = BatchEngine.start(model, EngineOptions.DEFAULT.withThreads(2))) {
      String text = submit(engine, task).text();
      GenerationTask stopped =
          task.withStop(
              stop(List.of(text.substring(text.length() / 2, text.length() / 2 + 3)), true));
      Recording whole = submit(engine, stopped);
      assertEquals(FinishReason.STOP, whole.result().finishReason());
      assertTrue(whole.tokens().stream().anyMatch(token -> token.text().isEmpty()));
      for (int cut = 1; cut <= whole.ids().size(); cut++) {
        Recording rest = submit(engine, stopped.withContinued(whole.ids().subList(0, cut)));
        assertEquals(FinishReason.STOP, rest.result().finishReason());
        assertEquals(whole.tokens().subList(cut, whole.ids().size()), rest.tokens());
        assertEquals(whole.result().tail(), rest.result().tail());
      }
    }
  }

  @Test
  void anAnswerThatIsCompleteEndsAtOnce() throws Exception {
    GenerationTask task = task(SparsityMode.EXACT, 12);
    try (var engine = BatchEngine.start(model, EngineOptions.DEFAULT.withThreads(2))) {
      Recording whole = submit(engine, task);
      long steps = stepsAfter(whole, engine);
      Recording nothing = submit(engine, task.withContinued(whole.ids()));
      GenerationResult end = nothing.result();
      assertEquals(FinishReason.LENGTH, end.finishReason());
      assertEquals(List.of(), nothing.tokens());
      assertEquals(List.of(), end.layerDensity());
      assertEquals(12, end.generatedTokens());
      assertEquals(steps, engine.load().steps().all());
    }
  }

  private static long stepsAfter(Recording recording, Engine engine) throws Exception {
    recording.result();
    return engine.load().steps().all();
  }

  @Test
  void refusesAnAnswerThatIsNotThisTasks() throws Exception {
    var tooLong =
        assertThrows(
            IllegalArgumentException.class,
            () -> task(SparsityMode.EXACT, 2).withContinued(List.of(5, 5, 5)));
    assertEquals("the answer has 3 tokens already, more than max_tokens, 2", tooLong.getMessage());
    try (var engine = BatchEngine.start(model, EngineOptions.DEFAULT.withThreads(1))) {
      var foreign =
          assertThrows(
              IllegalArgumentException.class,
              () -> submit(engine, task(SparsityMode.EXACT, 2).withContinued(List.of(99_999))));
      assertTrue(
          foreign.getMessage().startsWith("the answer so far names token 99999"),
          foreign.getMessage());
    }
  }

  private static StopParameters stop(List<String> strings, boolean ignoreEos) {
    return new StopParameters(strings, Set.of(), 0, ignoreEos);
  }

  private static GenerationTask task(SparsityMode mode, int maxTokens) {
    return new GenerationTask(PROMPT, maxTokens, SAMPLED, mode).withStop(stop(List.of(), true));
  }

  private static Recording submit(Engine engine, GenerationTask task) {
    var recording = new Recording();
    engine.submit(task, recording);
    return recording;
  }
}
