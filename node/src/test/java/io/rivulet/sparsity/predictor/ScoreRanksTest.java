package io.rivulet.sparsity.predictor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ScoreRanksTest {

  @Test
  void findsWhatSortingFinds() {
    var random = new SplittableRandom(1);
    float[] values = new float[1000];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian() * (i % 2 == 0 ? 1 : 1e-3f);
    }
    values[0] = LowRankPredictor.NEVER;
    values[1] = LowRankPredictor.ALWAYS;
    values[2] = 0;
    values[3] = Float.MIN_VALUE;
    values[4] = -Float.MIN_VALUE;
    values[5] = values[6] = values[7];
    float[] sorted = values.clone();
    Arrays.sort(sorted);
    for (int k = 1; k <= values.length; k++) {
      assertEquals(sorted[values.length - k], kthLargest(k, values), k + "th largest");
    }
  }

  @Test
  void aNegativeZeroIsLessThanZero() {
    assertEquals(0f, kthLargest(1, -0f, 0f));
    assertEquals(-0f, kthLargest(2, -0f, 0f));
  }

  private static float kthLargest(int k, float... values) {
    return ScoreRanks.kthLargest(
        k,
        each -> {
          for (float value : values) {
            each.accept(value);
          }
        });
  }
}
