package io.rivulet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.rivulet.kernels.Kernels;
import io.rivulet.kernels.KeyValueType;
import io.rivulet.kernels.ThreadTeam;
import io.rivulet.model.Batch;
import io.rivulet.model.CacheBlocks;
import io.rivulet.model.LoadedModel;
import io.rivulet.model.RandomProfile;
import io.rivulet.model.Reference;
import io.rivulet.model.SparsityMode;
import io.rivulet.model.profile.SparsityProfileFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers by predictors that name neurons at random, where a recall of 0.9 was promised. */
@Timeout(120)
class AuditedAnswersTest {

  private static final String PROMPT = "the rain in Spain";
  private static final int TOKENS = 60;
  private static final int PERIOD = SequenceAudits.PERIOD;

  private static final EngineOptions OPTIONS =
      EngineOptions.DEFAULT.withThreads(2).withKvType(KeyValueType.F32);

  @TempDir private Path folder;

  private LoadedModel model;

  @BeforeEach
  void open() throws IOException {
    Path file = Reference.model("nemotron");
    Path profile = folder.resolve("profile.safetensors");
    try (var bare = LoadedModel.openByNeurons(file, Kernels.scalar());
        Arena arena = Arena.ofShared()) {
      SparsityProfileFile.write(new RandomProfile(0.002f, 1, 0).of(bare, arena), profile);
    }
    model = LoadedModel.open(file, profile, Kernels.select());
  }

  @AfterEach
  void close() {
    model.close();
  }

  @Test
  void aPredictorThatKnowsNothingIsFoundOut() throws Exception {
    GenerationResult result = answer(AuditOptions.DEFAULT.withInterval(1)).result();
    int prompt = model.tokenizer().encode(PROMPT).length;
    int first = (prompt / PERIOD + 1) * PERIOD;

    for (NeuronActivity layer : result.layers()) {
      assertEquals(TOKENS - 1, layer.calibrated());
      assertEquals(first - prompt, layer.predicted());
      assertEquals(prompt + TOKENS - 1 - first, layer.fallbacks());
      assertEquals(TOKENS - 1, layer.audits().audits());
      assertTrue(layer.audits().recall().orElseThrow() < 0.75, layer.toString());
      assertTrue(layer.audits().meanCett().orElseThrow() > 0.1, layer.toString());
    }
  }

  @Test
  void whatWasFoundOutIsComputedExactlyFromThenOn() throws Exception {
    Recording recording = answer(AuditOptions.DEFAULT.withInterval(1));
    int prompt = model.tokenizer().encode(PROMPT).length;

    assertEquals(said(recording), replayed(recording.ids(), (prompt / PERIOD + 1) * PERIOD));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 8})
  void anAnswerThatGoesOnKnowsWhatWasFoundOut(int interval) throws Exception {
    Recording whole = answer(options(interval));
    try (var engine = BatchEngine.start(model, OPTIONS.withAudits(options(interval)))) {
      for (int cut : new int[] {1, 20, 27, 28, 29, 45, 59}) {
        var rest = new Recording();
        engine.submit(
            task(SparsityMode.PREDICTED).withContinued(whole.ids().subList(0, cut)), rest);
        assertEquals(whole.ids().subList(cut, TOKENS), rest.ids());
        assertEquals(said(whole).subList(cut, TOKENS), said(rest), "cut at " + cut);
        assertEquals(whole.result().layers(), rest.result().layers(), "cut at " + cut);
      }
    }
  }

  @Test
  void withoutAuditsNothingFallsBack() throws Exception {
    Recording recording = answer(AuditOptions.OFF);

    NeuronActivity all = recording.result().activity();
    assertEquals(AuditTotals.NONE, all.audits());
    assertEquals(0, all.fallbacks());
    assertEquals(said(recording), replayed(recording.ids(), Integer.MAX_VALUE));
  }

  @ParameterizedTest
  @CsvSource({"1, 128", "5, 128", "20, 128", "20, 7", "50, 128", "50, 7", "59, 128"})
  void whoTakesAnAnswerOverFindsTheSame(int given, int prefillChunk) throws Exception {
    var audits = new AuditOptions(2, 0.3, 0.15);
    Recording whole = answer(audits);
    assertTrue(whole.result().activity().fallbacks() > 0, "all were trusted");

    Recording rest = new Recording();
    try (var engine =
        BatchEngine.start(model, OPTIONS.withAudits(audits).withPrefillChunk(prefillChunk))) {
      GenerationTask task = task(SparsityMode.PREDICTED);
      engine.submit(task.withContinued(whole.ids().subList(0, given)), rest);
      rest.result();
    }

    assertEquals(said(whole).subList(given, TOKENS), said(rest));
    assertEquals(whole.result().layers(), rest.result().layers());
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 8})
  void theEngineCountsWhatTheAnswersFound(int interval) throws Exception {
    try (var engine = BatchEngine.start(model, OPTIONS.withAudits(options(interval)))) {
      List<GenerationResult> results =
          List.of(
              submit(engine, SparsityMode.PREDICTED).result(),
              submit(engine, SparsityMode.THRESHOLD).result(),
              submit(engine, SparsityMode.EXACT).result());
      for (int layer = 0; layer < model.spec().layers(); layer++) {
        int index = layer;
        NeuronActivity all =
            NeuronActivity.sum(results.stream().map(each -> each.layers().get(index)).toList());
        NeuronActivity ofEngine = engine.layerActivity().get(layer);
        assertEquals(all.calibrated(), ofEngine.calibrated());
        assertEquals(all.fallbacks(), ofEngine.fallbacks());
        assertEquals(all.named(), ofEngine.named());
        assertEquals(all.audits().audits(), ofEngine.audits().audits());
        assertEquals(all.audits().found(), ofEngine.audits().found());
        assertEquals(all.audits().cett(), ofEngine.audits().cett(), 1e-9);
        assertTrue(all.audits().audits() >= 2L * (TOKENS / interval - 1), all.toString());
      }
    }
  }

  @Test
  void whoIsComputedExactlyIsCountedWhileItRuns() throws Exception {
    try (var engine = BatchEngine.start(model, OPTIONS.withAudits(options(1)))) {
      int layers = model.spec().layers();
      var seen = new CompletableFuture<List<Integer>>();
      var recording = new Recording();
      engine.submit(
          task(SparsityMode.PREDICTED),
          new GenerationListener() {
            @Override
            public void onToken(GeneratedToken token) {
              if (token.index() == TOKENS - 2) {
                seen.complete(engine.fallenBack());
              }
              recording.onToken(token);
            }

            @Override
            public void onFinish(GenerationResult result) {
              recording.onFinish(result);
            }
          });
      recording.result();

      assertEquals(Collections.nCopies(layers, 1), seen.get());
      assertEquals(Collections.nCopies(layers, 0), engine.fallenBack());
    }
  }

  @Test
  void whatAuditsAreHeldToIsWhatTheCalibrationFoundLessTheMargins() {
    try (var engine = BatchEngine.start(model, OPTIONS.withAudits(options(8)))) {
      var profile = model.profile().orElseThrow();
      for (int layer = 0; layer < model.spec().layers(); layer++) {
        AuditBounds bounds = engine.auditBounds().get(layer);
        double recall = profile.layers().get(layer).predictor().orElseThrow().quality().recall();
        assertEquals(recall - 0.08, bounds.recallFloor().orElseThrow(), 1e-12);
        assertEquals(
            profile.chosenPoint().cett() + 0.15, bounds.cettCeiling().orElseThrow(), 1e-12);
      }
    }
    try (var engine = BatchEngine.start(model, OPTIONS.withAudits(AuditOptions.OFF))) {
      assertEquals(Set.of(AuditBounds.NONE), Set.copyOf(engine.auditBounds()));
    }
  }

  private static AuditOptions options(int interval) {
    return AuditOptions.DEFAULT.withInterval(interval);
  }

  private Recording answer(AuditOptions audits) throws Exception {
    try (var engine = BatchEngine.start(model, OPTIONS.withAudits(audits))) {
      Recording recording = submit(engine, SparsityMode.PREDICTED);
      recording.result();
      return recording;
    }
  }

  private static Recording submit(Engine engine, SparsityMode mode) {
    var recording = new Recording();
    engine.submit(task(mode), recording);
    return recording;
  }

  private static GenerationTask task(SparsityMode mode) {
    return new GenerationTask(PROMPT, TOKENS, new SamplingParameters(1, 0, 0.95, 0, 7), mode)
        .withStop(new StopParameters(List.of(), Set.of(), 0, true))
        .withTopLogprobs(3);
  }

  private static List<LogProbabilities> said(Recording recording) {
    return recording.tokens().stream()
        .map(token -> token.logProbabilities().orElseThrow())
        .toList();
  }

  /** How likely the tokens are: the answer by predictions up to a position, exactly from there. */
  private List<LogProbabilities> replayed(List<Integer> answer, int exactFrom) {
    int[] prompt = model.tokenizer().encode(PROMPT);
    var softmax = new LogSoftmax(model.tokenizer(), model.spec().vocabulary());
    List<LogProbabilities> replayed = new ArrayList<>();
    try (var team = new ThreadTeam(1);
        var pass = model.transformer().forwardPass(team, 1, 1, model.spec().context())) {
      Batch batch = new Batch(1);
      for (int at = 0; at < prompt.length + TOKENS - 1; at++) {
        boolean ofPrompt = at < prompt.length;
        batch.clear();
        batch.add(
            ofPrompt ? prompt[at] : answer.get(at - prompt.length),
            at,
            CacheBlocks.all(pass),
            ofPrompt || at >= exactFrom ? SparsityMode.EXACT : SparsityMode.PREDICTED,
            true);
        pass.run(batch);
        if (at >= prompt.length - 1) {
          softmax.read(pass.logits(), 0);
          replayed.add(softmax.of(answer.get(at - prompt.length + 1), 3));
        }
      }
    }
    return replayed;
  }
}
