package io.rivulet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.rivulet.kernels.Kernels;
import io.rivulet.model.LoadedModel;
import io.rivulet.model.Reference;
import io.rivulet.model.SparsityMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class PromptSharesTest {

  private static LoadedModel model;

  @BeforeAll
  static void open() {
    model = LoadedModel.open(Reference.model("nemotron"), Kernels.select());
  }

  @AfterAll
  static void close() {
    model.close();
  }

  /** Notes in which step each token came, and may submit more at the first. */
  private static final class Steps implements GenerationListener {

    final Engine engine;
    final Runnable atFirst;
    final List<Long> steps = new ArrayList<>();
    final Recording recording = new Recording();

    Steps(Engine engine, Runnable atFirst) {
      this.engine = engine;
      this.atFirst = atFirst;
    }

    @Override
    public void onToken(GeneratedToken token) {
      steps.add(engine.load().steps().all());
      if (token.index() == 0) {
        atFirst.run();
      }
      recording.onToken(token);
    }

    @Override
    public void onFinish(GenerationResult result) {
      recording.onFinish(result);
    }

    /** Steps from the first token of another to this one's. */
    long firstAfter(Steps other) throws Exception {
      recording.result();
      return steps.getFirst() - other.steps.getFirst();
    }
  }

  private static BatchEngine engine(int chunk) {
    return BatchEngine.start(model, EngineOptions.DEFAULT.withThreads(2).withPrefillChunk(chunk));
  }

  /** A prompt of so many tokens, of which the second is made of the word. */
  private static GenerationTask prompt(String word, int tokens, int maxTokens) {
    String text = word + " the".repeat(tokens - model.tokenizer().encode(word).length);
    assertEquals(tokens, model.tokenizer().encode(text).length);
    return new GenerationTask(text, maxTokens, SamplingParameters.GREEDY, SparsityMode.EXACT)
        .withStop(new StopParameters(List.of(), Set.of(), 0, true));
  }

  @Test
  void aRunningSequenceGetsATokenInEveryStepWhileALongPromptIsRead() throws Exception {
    try (var engine = engine(2)) {
      var reading = new Steps(engine, () -> {});
      var running = new Steps(engine, () -> engine.submit(prompt("rain", 90, 2), reading));
      engine.submit(prompt("the", 20, 60), running);
      assertEquals(45, reading.firstAfter(running));
      running.recording.result();
      long first = running.steps.getFirst();
      assertEquals(LongStream.range(first, first + 60).boxed().toList(), running.steps);
    }
  }

  @Test
  void aShortPromptIsReadBesideALongOneThatCameFirst() throws Exception {
    try (var engine = engine(8)) {
      var longer = new Steps(engine, () -> {});
      var shorter = new Steps(engine, () -> {});
      var running =
          new Steps(
              engine,
              () -> {
                engine.submit(prompt("rain", 80, 2), longer);
                engine.submit(prompt("in", 8, 2), shorter);
              });
      engine.submit(prompt("the", 20, 60), running);
      // Four each in two steps; the rest of the long one, 72, by eights.
      assertEquals(2, shorter.firstAfter(running));
      assertEquals(2 + 9, longer.firstAfter(running));
    }
  }

  @Test
  void whatAShortPromptLeavesOverGoesToTheOthers() throws Exception {
    try (var engine = engine(8)) {
      var longer = new Steps(engine, () -> {});
      var shorter = new Steps(engine, () -> {});
      var running =
          new Steps(
              engine,
              () -> {
                engine.submit(prompt("rain", 16, 2), longer);
                engine.submit(prompt("in", 3, 2), shorter);
              });
      engine.submit(prompt("the", 20, 60), running);
      // Three and five, then eight, then three.
      assertEquals(1, shorter.firstAfter(running));
      assertEquals(3, longer.firstAfter(running));
    }
  }

  @Test
  void morePromptsThanTokensOfAStepAreReadInTheOrderTheyCame() throws Exception {
    try (var engine = engine(2)) {
      List<Steps> readers = new ArrayList<>();
      var running =
          new Steps(
              engine,
              () -> {
                for (String word : List.of("e", "t", "o", "a")) {
                  var reader = new Steps(engine, () -> {});
                  readers.add(reader);
                  engine.submit(prompt(word, 4, 2), reader);
                }
              });
      engine.submit(prompt("the", 20, 60), running);
      running.recording.result();
      List<Long> first = new ArrayList<>();
      for (Steps reader : readers) {
        first.add(reader.firstAfter(running));
      }
      assertEquals(List.of(4L, 4L, 8L, 8L), first);
    }
  }

  @Test
  void aCrowdWithTheSameBeginningReadsItOnceAndAtFullSpeed() throws Exception {
    try (var engine = engine(16)) {
      List<Steps> readers = new ArrayList<>();
      var running =
          new Steps(
              engine,
              () -> {
                for (String end : List.of(" e", " t", " o", " a")) {
                  var reader = new Steps(engine, () -> {});
                  readers.add(reader);
                  engine.submit(
                      new GenerationTask(
                          "the" + " the".repeat(62) + end,
                          2,
                          SamplingParameters.GREEDY,
                          SparsityMode.EXACT),
                      reader);
                }
              });
      engine.submit(prompt("rain", 20, 60), running);
      running.recording.result();
      // Two blocks by sixteens, then what is left of all four in one step.
      for (Steps reader : readers) {
        assertEquals(5, reader.firstAfter(running));
      }
    }
  }
}
