package io.rivulet.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.rivulet.Allocations;
import io.rivulet.kernels.FloatTensor;
import io.rivulet.kernels.Kernels;
import java.lang.foreign.Arena;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LogitAdjustmentTest {

  private static final SamplingParameters GREEDY = SamplingParameters.GREEDY;

  @Test
  void biasIsAdded() {
    var biased = GREEDY.withLogitBias(Map.of(1, -100.0, 3, 2.5));

    assertAdjusted(biased, new int[0], new int[0], 1, -98, -1, 2.5f);
  }

  @Test
  void repetitionPenaltyTakesPromptAndAnswerOnceEach() {
    var penalised = GREEDY.withPenalties(new Penalties(2, 0, 0));

    // Positive logits are divided, others multiplied.
    assertAdjusted(penalised, new int[] {0, 0}, new int[] {2, 2, 2}, 0.5f, 2, -2, 0);
  }

  @Test
  void frequencyPenaltyCountsTheAnswerAlone() {
    var penalised = GREEDY.withPenalties(new Penalties(1, 0.5, 0));

    assertAdjusted(penalised, new int[] {0, 1, 1}, new int[] {1, 2, 2}, 1, 1.5f, -2, 0);
  }

  @Test
  void presencePenaltyIsTakenOnce() {
    var penalised = GREEDY.withPenalties(new Penalties(1, 0, -1.5));

    assertAdjusted(penalised, new int[] {0}, new int[] {1, 2, 2}, 1, 3.5f, 0.5f, 0);
  }

  @Test
  void biasComesFirstThenRepetitionThenFrequencyAndPresence() {
    var all =
        GREEDY.withPenalties(new Penalties(4, 0.25, 0.5)).withLogitBias(Map.of(1, 6.0, 2, -1.0));

    // (2 + 6) / 4 - 2 * 0.25 - 0.5; (-1 - 1) * 4 from the prompt alone.
    assertAdjusted(all, new int[] {2}, new int[] {1, 1}, 1, 1, -8, 0);
  }

  @Test
  void greedyTakesTheStrongestOfTheAdjusted() {
    var penalised = GREEDY.withPenalties(new Penalties(1, 0, 2));
    try (Arena arena = Arena.ofConfined()) {
      var sampler = new Sampler(Kernels.select(), 3);
      var adjustment = new LogitAdjustment(penalised, 3, 4);
      assertEquals(2, draw(sampler, arena, penalised, adjustment, 0));
      adjustment.addGenerated(2);
      assertEquals(1, draw(sampler, arena, penalised, adjustment, 1));
    }
  }

  /** Over four tokens of logits ln 1 to ln 4, with ln 4 added to token 0 and 2 barred. */
  @Test
  void drawsFromTheAdjustedDistribution() {
    var parameters = new SamplingParameters(1, 0, 1, 0, 9).withLogitBias(Map.of(0, Math.log(4)));
    var adjustment = new LogitAdjustment(parameters, 4, 1);
    adjustment.bar(new int[] {2}, Integer.MAX_VALUE);
    float[] logits = new float[4];
    for (int id = 0; id < 4; id++) {
      logits[id] = (float) Math.log(id + 1);
    }
    int draws = 20_000;
    int[] counts = new int[4];
    try (Arena arena = Arena.ofConfined()) {
      var sampler = new Sampler(Kernels.select(), 4);
      FloatTensor row = FloatTensor.allocate(arena, 1, 4);
      for (int index = 0; index < draws; index++) {
        row.setRow(0, logits);
        counts[sampler.sample(row, 0, parameters, adjustment, index)]++;
      }
    }
    assertEquals(0, counts[2]);
    // Weights 4, 2, 4; standard deviations of the shares are under 0.0036.
    assertEquals(0.4, (double) counts[0] / draws, 0.015);
    assertEquals(0.2, (double) counts[1] / draws, 0.015);
    assertEquals(0.4, (double) counts[3] / draws, 0.015);
  }

  @ParameterizedTest
  @CsvSource({"0", "1.5"})
  void barredTokensComeAgainAfterTheLeastNumberOfTokens(double temperature) {
    var parameters = new SamplingParameters(temperature, 0, 1, 0, 4);
    var adjustment = new LogitAdjustment(parameters, 3, 9);
    adjustment.bar(new int[] {0, 2}, 5);
    try (Arena arena = Arena.ofConfined()) {
      var sampler = new Sampler(Kernels.select(), 3);
      for (int index = 0; index < 5; index++) {
        // Else as good as never: the others are e^80 times as likely.
        var logits = FloatTensor.of(arena, 80, 0, 80);
        assertEquals(1, sampler.sample(logits, 0, parameters, adjustment, index));
      }
      var logits = FloatTensor.of(arena, 80, 0, 0);
      assertEquals(0, sampler.sample(logits, 0, parameters, adjustment, 5));
    }
  }

  @Test
  void refusesToDrawWhereAllIsBarred() {
    var adjustment = new LogitAdjustment(GREEDY, 2, 1);
    adjustment.bar(new int[] {0, 1}, 1);
    try (Arena arena = Arena.ofConfined()) {
      var sampler = new Sampler(Kernels.select(), 2);
      var logits = FloatTensor.of(arena, 1, 2);
      assertThrows(
          IllegalArgumentException.class, () -> sampler.sample(logits, 0, GREEDY, adjustment, 0));
    }
  }

  @Test
  void adjustingAllocatesNothing() {
    var parameters =
        GREEDY.withPenalties(new Penalties(1.1, 0.5, 0.5)).withLogitBias(Map.of(7, 1.0, 300, -2.0));
    float[] values = new float[4096];
    var adjustment = new LogitAdjustment[1];
    try (Arena arena = Arena.ofConfined()) {
      FloatTensor logits = FloatTensor.allocate(arena, 1, values.length);
      var sampler = new Sampler(Kernels.select(), values.length);
      Allocations.assertNoneOnceWarm(
          () -> adjustment[0] = new LogitAdjustment(parameters, values.length, 100),
          () -> {
            for (int index = 0; index < 100; index++) {
              logits.setRow(0, values);
              int token = sampler.sample(logits, 0, parameters, adjustment[0], index);
              adjustment[0].addGenerated(token);
            }
          });
    }
  }

  /** Of logits 1, 2, -1, 0. */
  private static void assertAdjusted(
      SamplingParameters parameters, int[] prompt, int[] generated, float... expected) {
    var adjustment = new LogitAdjustment(parameters, 4, prompt.length + generated.length);
    adjustment.addPrompt(prompt);
    for (int token : generated) {
      adjustment.addGenerated(token);
    }
    float[] logits = {1, 2, -1, 0};
    adjustment.apply(logits);
    assertArrayEquals(expected, logits);
  }

  private static int draw(
      Sampler sampler,
      Arena arena,
      SamplingParameters parameters,
      LogitAdjustment adjustment,
      int index) {
    return sampler.sample(FloatTensor.of(arena, 0, 1, 2), 0, parameters, adjustment, index);
  }
}
