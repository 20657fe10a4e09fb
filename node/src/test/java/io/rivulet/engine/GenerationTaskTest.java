package io.rivulet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
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
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a task asks for beyond tokens, through the engine with a small model of byte tokens. */
@Timeout(120)
class GenerationTaskTest {

  private static final String PROMPT = "the rain in Spain";
  private static final EngineOptions OPTIONS =
      EngineOptions.DEFAULT.withThreads(2).withKvType(KeyValueType.F32).withPrefillChunk(16);

  /** Every token is about as likely as any other. */
  private static final SamplingParameters ANYTHING = new SamplingParameters(100, 0, 1, 0, 3);

  private static final int BYTES_FROM = 3;

  private static LoadedModel model;
  private static BatchEngine engine;

  @BeforeAll
  static void open() {
    model = LoadedModel.open(Reference.model("nemotron"), Kernels.select());
    engine = BatchEngine.start(model, OPTIONS);
  }

  @AfterAll
  static void close() {
    engine.close();
    model.close();
  }

  @Test
  void aStopStringMayLieAcrossTokensAndSplitCharacters() throws Exception {
    GenerationTask task = inFrench();
    Recording free = run(task);
    String expected = free.text().substring(0, free.text().indexOf("éé"));

    Recording stopped = run(task.withStop(strings("éé")));

    assertEquals(expected, stopped.text());
    assertEquals(FinishReason.STOP, stopped.result().finishReason());
    assertEquals("", stopped.result().tail());
    // All tokens of the stop string are told, the last of them too, and counted.
    assertEquals(free.ids().subList(0, stopped.ids().size()), stopped.ids());
    assertEquals(BYTES_FROM + 0xa9, stopped.ids().getLast());
    assertEquals(stopped.ids().size(), stopped.result().generatedTokens());
    assertTrue(stopped.ids().size() < free.ids().size());
  }

  @Test
  void textThatMayBeAStopStringWaitsButIsNotLost() throws Exception {
    GenerationTask task = task(40, ANYTHING);
    Recording free = run(task);
    String end = free.text().substring(free.text().length() - 5);

    Recording held = run(task.withStop(strings(end + " and never this")));

    assertEquals(free.ids(), held.ids());
    assertEquals(free.text(), held.text());
    assertTrue(held.result().tail().endsWith(end), held.result().tail());
    assertEquals(FinishReason.LENGTH, held.result().finishReason());
  }

  @Test
  void aStopTokenEndsAsTheModelsOwnEndDoes() throws Exception {
    GenerationTask task = task(40, ANYTHING);
    List<Integer> free = run(task).ids();
    int stop = free.get(20);

    Recording stopped = run(task.withStop(tokens(stop)));

    assertEquals(free.subList(0, free.indexOf(stop)), stopped.ids());
    assertEquals(FinishReason.STOP, stopped.result().finishReason());
    assertEquals(stopped.ids().size(), stopped.result().generatedTokens());
  }

  @Test
  void nothingEndsATextBeforeItsLeastNumberOfTokens() throws Exception {
    GenerationTask ending = endingByItself();
    Recording shorter = run(ending);
    int least = shorter.ids().size() + 5;

    Recording longer =
        run(ending.withStop(new StopParameters(List.of("e", "t"), Set.of(7), least, false)));

    assertTrue(longer.ids().size() >= least);
    assertFalse(longer.ids().contains(model.tokenizer().eos()));
    assertFalse(longer.ids().contains(7));
  }

  @Test
  void theModelsOwnEndCanBeIgnored() throws Exception {
    GenerationTask ending = endingByItself();
    List<Integer> shorter = run(ending).ids();

    Recording ignoring = run(ending.withStop(new StopParameters(List.of(), Set.of(), 0, true)));

    assertEquals(FinishReason.LENGTH, ignoring.result().finishReason());
    assertEquals(shorter, ignoring.ids().subList(0, shorter.size()));
    assertEquals(model.tokenizer().eos(), ignoring.ids().get(shorter.size()));
  }

  @Test
  void logProbabilitiesAreThoseOfTheModelItself() throws Exception {
    var penalised = ANYTHING.withPenalties(new Penalties(1.5, 1, 1)).withLogitBias(Map.of(9, 5.0));

    Recording recording = run(task(30, penalised).withTopLogprobs(4));

    List<float[]> logits = logitsBefore(recording.ids());
    for (GeneratedToken token : recording.tokens()) {
      LogProbabilities told = token.logProbabilities().orElseThrow();
      float[] row = logits.get(token.index());
      assertEquals(token.tokenId(), told.chosen().tokenId());
      assertEquals(4, told.top().size());
      assertEquals(logProbability(row, token.tokenId()), told.chosen().value(), 1e-6);
      for (LogProbability top : told.top()) {
        assertEquals(logProbability(row, top.tokenId()), top.value(), 1e-6);
      }
      assertEquals(Logits.strongest(row), told.top().getFirst().tokenId());
    }
  }

  @Test
  void withoutAskingThereAreNoLogProbabilities() throws Exception {
    for (GeneratedToken token : run(task(3, ANYTHING)).tokens()) {
      assertTrue(token.logProbabilities().isEmpty());
    }
  }

  @Test
  void penaltiesSeeThePromptAndEveryTokenOfTheAnswer() throws Exception {
    var penalties = new Penalties(1.3, 0.2, 0.4);
    var greedy = SamplingParameters.GREEDY.withPenalties(penalties);

    List<Integer> ids = run(task(60, greedy)).ids();

    List<float[]> logits = logitsBefore(ids);
    List<Integer> text = new ArrayList<>();
    for (int id : model.tokenizer().encode(PROMPT)) {
      text.add(id);
    }
    for (int index = 0; index < ids.size(); index++) {
      List<Integer> answer = ids.subList(0, index);
      double[] adjusted = new double[model.spec().vocabulary()];
      for (int id = 0; id < adjusted.length; id++) {
        double logit = logits.get(index)[id];
        if (text.contains(id) || answer.contains(id)) {
          logit = logit > 0 ? logit / 1.3 : logit * 1.3;
        }
        int count = Collections.frequency(answer, id);
        adjusted[id] = logit - 0.2 * count - (count > 0 ? 0.4 : 0);
      }
      double greatest = Arrays.stream(adjusted).max().orElseThrow();
      assertEquals(greatest, adjusted[ids.get(index)], 1e-5, "token " + index);
    }
    assertNotEquals(run(task(60, SamplingParameters.GREEDY)).ids(), ids);
  }

  @Test
  void penaltiesAndStopsBelongToTheirOwnSequence() throws Exception {
    var penalised =
        new SamplingParameters(1, 0, 0.95, 0, 7).withPenalties(new Penalties(1.2, 0.5, 0.5));
    GenerationTask task = task(40, penalised).withTopLogprobs(2);
    List<GeneratedToken> alone = tokens(run(task));
    List<Recording> others = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      var other = ANYTHING.withPenalties(new Penalties(2 - 0.2 * i, 0.3 * i, 0));
      others.add(submit(task(20 + i, other).withStop(tokens(30 + i))));
    }
    assertEquals(alone, tokens(submit(task)));
    for (Recording other : others) {
      other.result();
    }
  }

  @Test
  void refusesTokensThatTheModelDoesNotHave() {
    assertRefused(
        task(1, ANYTHING.withLogitBias(Map.of(279, 1.0))),
        "logit_bias names token 279, but the model's tokens are 0 to 278");
    assertRefused(
        task(1, ANYTHING).withStop(tokens(-1)),
        "stop_token_ids names token -1, but the model's tokens are 0 to 278");
  }

  @Test
  void refusesAChatWhereTheModelHasNoTemplate() {
    var chat =
        new GenerationInput.Chat(
            List.of(new GenerationInput.Message("user", "Who is there?")), Instant.EPOCH);
    var task =
        new GenerationTask(
            chat, 5, ANYTHING, StopParameters.NONE, OptionalInt.empty(), SparsityMode.EXACT);
    assertRefused(task, "the model has no chat template, so it takes no messages: send prompt");
  }

  @Test
  void refusesWhatContradictsItself() {
    var least = new StopParameters(List.of(), Set.of(), 9, false);

    var refusal =
        assertThrows(IllegalArgumentException.class, () -> task(8, ANYTHING).withStop(least));

    assertEquals("min_tokens must be at most max_tokens, 8, was 9", refusal.getMessage());
  }

  /** Draws the two bytes of é in any order, and twice é somewhere in the midst. */
  private static GenerationTask inFrench() throws Exception {
    Map<Integer, Double> bytesOfE = Map.of(BYTES_FROM + 0xc3, 100.0, BYTES_FROM + 0xa9, 100.0);
    for (long seed = 0; seed < 200; seed++) {
      GenerationTask task =
          task(60, new SamplingParameters(100, 0, 1, 0.5, seed).withLogitBias(bytesOfE));
      int at = run(task).text().indexOf("éé");
      if (at > 5 && at < 40) {
        return task;
      }
    }
    throw new AssertionError("no éé was generated");
  }

  private static GenerationTask endingByItself() throws Exception {
    for (long seed = 0; seed < 200; seed++) {
      GenerationTask task = task(70, new SamplingParameters(100, 0, 1, 0, seed));
      Recording recording = run(task);
      if (recording.result().finishReason() == FinishReason.STOP && recording.ids().size() < 60) {
        return task;
      }
    }
    throw new AssertionError("no generation ended by itself");
  }

  /** The logits from which each of these tokens was drawn, computed over the whole text at once. */
  private static List<float[]> logitsBefore(List<Integer> generated) {
    int[] prompt = model.tokenizer().encode(PROMPT);
    int length = prompt.length + generated.size() - 1;
    List<float[]> logits = new ArrayList<>();
    try (var team = new ThreadTeam(2);
        var pass = model.transformer().forwardPass(team, length, length, length)) {
      var batch = new Batch(length);
      int[] blocks = CacheBlocks.all(pass);
      for (int at = 0; at < length; at++) {
        int token = at < prompt.length ? prompt[at] : generated.get(at - prompt.length);
        batch.add(token, at, blocks, SparsityMode.EXACT, at >= prompt.length - 1);
      }
      pass.run(batch);
      for (int row = 0; row < generated.size(); row++) {
        logits.add(pass.logits().row(row));
      }
    }
    return logits;
  }

  private static double logProbability(float[] logits, int token) {
    double sum = 0;
    for (float logit : logits) {
      sum += Math.exp(logit);
    }
    return logits[token] - Math.log(sum);
  }

  private static StopParameters strings(String... strings) {
    return new StopParameters(List.of(strings), Set.of(), 0, false);
  }

  private static StopParameters tokens(int id) {
    return new StopParameters(List.of(), Set.of(id), 0, false);
  }

  private static List<GeneratedToken> tokens(Recording recording) throws Exception {
    recording.result();
    return recording.tokens();
  }

  private static GenerationTask task(int maxTokens, SamplingParameters sampling) {
    return new GenerationTask(PROMPT, maxTokens, sampling, SparsityMode.EXACT);
  }

  private static Recording submit(GenerationTask task) {
    var recording = new Recording();
    engine.submit(task, recording);
    return recording;
  }

  private static Recording run(GenerationTask task) throws Exception {
    Recording recording = submit(task);
    recording.result();
    return recording;
  }

  private static void assertRefused(GenerationTask task, String expected) {
    var refusal = assertThrows(IllegalArgumentException.class, () -> submit(task));
    assertEquals(expected, refusal.getMessage());
  }
}
