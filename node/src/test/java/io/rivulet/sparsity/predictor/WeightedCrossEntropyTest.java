package io.rivulet.sparsity.predictor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class WeightedCrossEntropyTest {

  private static final float WEIGHT = 3;

  @Test
  void slopesAreThoseOfFloat64() {
    float[] scores = new float[2001];
    long[] active = new long[Math.ceilDiv(scores.length, Long.SIZE)];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = (i - 1000) / 10f;
      active[i / Long.SIZE] |= i % 3 == 0 ? 1L << i : 0;
    }
    float[] slopes = scores.clone();
    WeightedCrossEntropy.slopes(slopes, active, WEIGHT);
    for (int i = 0; i < scores.length; i++) {
      double probability = 1 / (1 + Math.exp(-scores[i]));
      double expected = i % 3 == 0 ? WEIGHT * (probability - 1) : probability;
      assertEquals(expected, slopes[i], 2e-5, "at " + scores[i]);
    }
  }

  @Test
  void lossIsThatOfFloat64() {
    float[] scores = {-2, 0.5f, 3, -700, 700};
    double expected =
        WEIGHT * Math.log(1 + Math.exp(2))
            + Math.log(1 + Math.exp(0.5))
            + WEIGHT * Math.log(1 + Math.exp(-3))
            + WEIGHT * 700
            + 700;
    assertEquals(expected, WeightedCrossEntropy.loss(scores, new long[] {0b01101}, WEIGHT), 1e-9);
  }

  @Test
  void decidedNeuronsHaveNoSlope() {
    float[] scores = {LowRankPredictor.NEVER, LowRankPredictor.ALWAYS};
    WeightedCrossEntropy.slopes(scores, new long[] {0b10}, WEIGHT);
    assertEquals(0, scores[0], 1e-30);
    assertEquals(0, scores[1]);
  }
}
