package io.rivulet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.rivulet.kernels.Kernels;
import io.rivulet.kernels.KeyValueType;
import io.rivulet.model.LoadedModel;
import io.rivulet.model.Reference;
import io.rivulet.model.SparsityMode;
import io.rivulet.model.Transformer;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What an engine counts for those who watch it. */
@Timeout(120)
class EngineCountsTest {

  private static final String PROMPT = "the rain in Spain";
  private static final int TOKENS = 12;
  private static final EngineOptions OPTIONS =
      EngineOptions.DEFAULT.withThreads(2).withKvType(KeyValueType.F32);

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
  void timesOfRequestsAndTokensAreCounted() throws Exception {
    try (var engine = BatchEngine.start(model, OPTIONS)) {
      long start = System.nanoTime();
      answer(engine, SparsityMode.EXACT);
      answer(engine, SparsityMode.EXACT);
      var passed = Duration.ofNanos(System.nanoTime() - start);

      EngineLoad load = engine.load();
      assertEquals(2, load.threads());
      assertEquals(2, count(load.times().queue()));
      assertEquals(2, count(load.times().firstToken()));
      assertEquals(2 * (TOKENS - 1), count(load.times().nextToken()));
      assertEquals(2 * TOKENS, load.generatedTokens());
      Duration tokens = load.times().firstToken().sum().plus(load.times().nextToken().sum());
      assertTrue(tokens.compareTo(passed) < 0, tokens + " of " + passed);
      assertTrue(
          load.times().queue().sum().compareTo(load.times().firstToken().sum()) < 0,
          load.toString());
    }
  }

  @Test
  void aStepThatReadsAPromptGoesOnWithNoAnswer() throws Exception {
    try (var engine = BatchEngine.start(model, OPTIONS.withPrefillChunk(2))) {
      answer(engine, SparsityMode.EXACT);

      int prompt = model.tokenizer().encode(PROMPT).length;
      EngineSteps steps = engine.load().steps();
      assertEquals(Math.ceilDiv(prompt, 2) + TOKENS - 1, steps.all());
      assertEquals(TOKENS - 1, steps.decoding());
      assertEquals(TOKENS - 1, steps.answers());
    }
  }

  @Test
  void aDenseStepReadsAllWeights() throws Exception {
    try (var engine = BatchEngine.start(model, OPTIONS)) {
      answer(engine, SparsityMode.OFF);

      Transformer transformer = model.transformer();
      long ofStep = transformer.denseBytes() + transformer.downBytes();
      assertEquals(TOKENS * ofStep, engine.load().steps().weightBytes());
      for (NeuronActivity layer : engine.layerActivity()) {
        assertEquals(0, layer.bytes().skipped());
        assertEquals(layer.tokens(), layer.densityCounts().getLast());
      }
    }
  }

  @Test
  void aSparseStepReadsTheRowsOfDownThatItsTokenNeeds() throws Exception {
    try (var engine = BatchEngine.start(model, OPTIONS.withPrefillChunk(1))) {
      answer(engine, SparsityMode.EXACT);

      Transformer transformer = model.transformer();
      List<NeuronActivity> layers = engine.layerActivity();
      long skipped = 0;
      for (int i = 0; i < layers.size(); i++) {
        NeuronActivity layer = layers.get(i);
        double row = (double) transformer.feedForwardBytes(i).down() / layer.neurons();
        long unread = layer.tokens() * layer.neurons() - layer.read();
        assertTrue(unread > 0, layer.toString());
        assertEquals(unread * row, (double) layer.bytes().skipped(), 1);
        assertEquals(
            layer.tokens() * transformer.feedForwardBytes(i).all(),
            layer.bytes().read() + layer.bytes().skipped());
        skipped += layer.bytes().skipped();
      }
      // Both have steps without scores, while the prompt is not over.
      EngineSteps sparse = engine.load().steps();
      answer(engine, SparsityMode.OFF);
      EngineSteps dense = engine.load().steps().minus(sparse);
      assertEquals(dense.all(), sparse.all());
      long rounding = sparse.all();
      assertTrue(
          Math.abs(dense.weightBytes() - skipped - sparse.weightBytes()) <= rounding,
          sparse + " and " + dense);
    }
  }

  @Test
  void tokensAreCountedByTheShareOfNeuronsThatTheyRead() throws Exception {
    try (var engine = BatchEngine.start(model, OPTIONS)) {
      answer(engine, SparsityMode.EXACT);

      for (NeuronActivity layer : engine.layerActivity()) {
        double least = 0;
        double most = 0;
        double bound = 0;
        for (int i = 0; i < layer.densityCounts().size(); i++) {
          least += bound * layer.densityCounts().get(i);
          bound = DensityBounds.ALL.get(i);
          most += bound * layer.densityCounts().get(i);
        }
        double mean = layer.density();
        assertEquals(
            layer.tokens(), layer.densityCounts().stream().mapToLong(Long::longValue).sum());
        assertTrue(
            least / layer.tokens() < mean && mean <= most / layer.tokens(), layer.toString());
      }
    }
  }

  private static long count(TimeCounts times) {
    return times.counts().stream().mapToLong(Long::longValue).sum();
  }

  private static void answer(Engine engine, SparsityMode mode) throws Exception {
    var recording = new Recording();
    engine.submit(
        new GenerationTask(PROMPT, TOKENS, new SamplingParameters(1, 0, 0.95, 0, 7), mode)
            .withStop(new StopParameters(List.of(), Set.of(), 0, true)),
        recording);
    recording.result();
  }
}
