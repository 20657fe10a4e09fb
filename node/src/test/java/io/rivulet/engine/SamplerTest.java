package io.rivulet.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.rivulet.Allocations;
import io.rivulet.kernels.FloatTensor;
import io.rivulet.kernels.Kernels;
import java.lang.foreign.Arena;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SamplerTest {

  private static final int DRAWS = 20_000;

  /** Logs of probabilities; sorted they are 0.4, 0.3, 0.15, 0.1, 0.05. */
  private static final double[] PROBABILITIES = {0.1, 0.4, 0.05, 0.3, 0.15};

  private final Arena arena = Arena.ofShared();

  @AfterEach
  void free() {
    arena.close();
  }

  @Test
  void greedyTakesTheStrongestAndOfEqualsTheLowestId() {
    assertEquals(1, draw(SamplingParameters.GREEDY, 0, 1, 7, 2, 7));
  }

  @Test
  void drawsByProbability() {
    assertFrequencies(parameters(1, 0, 1, 0), 0.1, 0.4, 0.05, 0.3, 0.15);
  }

  @Test
  void temperatureSharpensAndFlattens() {
    // Probabilities to the power 1/T, normalised: squares for T = 0.5, square roots for T = 2.
    assertFrequencies(parameters(0.5, 0, 1, 0), normalised(2));
    assertFrequencies(parameters(2, 0, 1, 0), normalised(0.5));
  }

  @Test
  void topKKeepsTheMostLikely() {
    assertFrequencies(parameters(1, 2, 1, 0), 0, 0.4 / 0.7, 0, 0.3 / 0.7, 0);
  }

  @Test
  void topPKeepsTheFewestThatReachTheMass() {
    assertFrequencies(parameters(1, 0, 0.65, 0), 0, 0.4 / 0.7, 0, 0.3 / 0.7, 0);
    assertFrequencies(parameters(1, 0, 0.75, 0), 0, 0.4 / 0.85, 0, 0.3 / 0.85, 0.15 / 0.85);
  }

  @Test
  void topPCountsWhatTopKLeft() {
    // Of 0.4, 0.3, 0.15 the first has 0.47, the first two 0.82.
    assertFrequencies(parameters(1, 3, 0.6, 0), 0, 0.4 / 0.7, 0, 0.3 / 0.7, 0);
  }

  @Test
  void minPKeepsThoseNearTheMostLikely() {
    assertFrequencies(parameters(1, 0, 1, 0.5), 0, 0.4 / 0.7, 0, 0.3 / 0.7, 0);
    assertFrequencies(parameters(1, 4, 1, 0.5), 0, 0.4 / 0.7, 0, 0.3 / 0.7, 0);
  }

  @Test
  void ofEqualTokensTopKKeepsTheLowestIds() {
    for (int index = 0; index < 100; index++) {
      int token = draw(parameters(1, 2, 1, 0), index, 0, 1, 1, 1);
      assertTrue(token == 1 || token == 2, "drew " + token);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, -1, Long.MIN_VALUE})
  void theSameSeedAndIndexDrawTheSameToken(long seed) {
    float[] logits = randomLogits();
    for (int index = 0; index < 50; index++) {
      var parameters = new SamplingParameters(1.5, 0, 0.95, 0, seed);
      assertEquals(draw(parameters, index, logits), draw(parameters, index, logits));
    }
  }

  @Test
  void seedsAndIndicesDrawIndependently() {
    float[] logits = new float[1000];
    int sameIndex = 0;
    int sameSeed = 0;
    for (int i = 0; i < 2000; i++) {
      int token = draw(new SamplingParameters(1, 0, 1, 0, i), 0, logits);
      sameIndex += token == draw(new SamplingParameters(1, 0, 1, 0, i + 1L), 0, logits) ? 1 : 0;
      sameSeed += token == draw(new SamplingParameters(1, 0, 1, 0, i), 1, logits) ? 1 : 0;
    }
    // One in a thousand by chance: two expected.
    assertTrue(sameIndex < 10, "equal for neighbouring seeds: " + sameIndex);
    assertTrue(sameSeed < 10, "equal for neighbouring indices: " + sameSeed);
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
  void refusesLogitsThatAreNotFinite(float logit) {
    assertThrows(ArithmeticException.class, () -> draw(SamplingParameters.GREEDY, 0, 1, logit, 2));
  }

  @Test
  void drawingAllocatesNothing() {
    float[] values = randomLogits();
    FloatTensor logits = FloatTensor.allocate(arena, 1, values.length);
    var sampler = new Sampler(Kernels.select(), values.length);
    var parameters = new SamplingParameters(0.8, 50, 0.9, 0.01, 3);
    Allocations.assertNoneOnceWarm(
        () -> {
          for (int index = 0; index < 50; index++) {
            logits.setRow(0, values);
            sampler.sample(logits, 0, parameters, LogitAdjustment.NONE, index);
          }
        });
  }

  @Test
  void theRandomNumbersAreFixedForEver() {
    // Published streams depend on them: a change would make nodes of two versions disagree.
    double[] drawn = new double[3];
    for (int index = 0; index < drawn.length; index++) {
      drawn[index] = CounterRandom.uniform(42, index);
    }
    assertArrayEquals(PINNED, drawn);
  }

  private static final double[] PINNED = {
    0.34329192209867343, 0.9557467261317436, 0.48634953628166855
  };

  private static SamplingParameters parameters(double temperature, int k, double p, double minP) {
    return new SamplingParameters(temperature, k, p, minP, 0);
  }

  private static double[] normalised(double power) {
    double[] expected = new double[PROBABILITIES.length];
    double sum = 0;
    for (int id = 0; id < expected.length; id++) {
      expected[id] = Math.pow(PROBABILITIES[id], power);
      sum += expected[id];
    }
    for (int id = 0; id < expected.length; id++) {
      expected[id] /= sum;
    }
    return expected;
  }

  private static float[] randomLogits() {
    Random random = new Random(5);
    float[] logits = new float[4096];
    for (int id = 0; id < logits.length; id++) {
      logits[id] = (float) random.nextGaussian() * 3;
    }
    return logits;
  }

  private int draw(SamplingParameters parameters, int index, float... logits) {
    var sampler = new Sampler(Kernels.select(), logits.length);
    return sampler.sample(
        FloatTensor.of(arena, logits), 0, parameters, LogitAdjustment.NONE, index);
  }

  /**
   * Pearson's chi-square test; 18.47 is the 0.1 % point for the four degrees of freedom there are
   * at most.
   */
  private void assertFrequencies(SamplingParameters parameters, double... expected) {
    float[] values = new float[PROBABILITIES.length];
    for (int id = 0; id < values.length; id++) {
      values[id] = (float) Math.log(PROBABILITIES[id]);
    }
    FloatTensor logits = FloatTensor.allocate(arena, 1, values.length);
    var sampler = new Sampler(Kernels.select(), values.length);
    int[] counts = new int[values.length];
    for (int index = 0; index < DRAWS; index++) {
      logits.setRow(0, values);
      counts[sampler.sample(logits, 0, parameters, LogitAdjustment.NONE, index)]++;
    }
    double chiSquare = 0;
    for (int id = 0; id < counts.length; id++) {
      if (expected[id] == 0) {
        assertEquals(0, counts[id], "token " + id);
      } else {
        double mean = expected[id] * DRAWS;
        chiSquare += (counts[id] - mean) * (counts[id] - mean) / mean;
      }
    }
    assertTrue(chiSquare < 18.47, "chi-square " + chiSquare);
  }
}
