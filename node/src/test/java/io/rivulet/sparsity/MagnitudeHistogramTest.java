package io.rivulet.sparsity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What a histogram says about densities, against the magnitudes themselves. */
class MagnitudeHistogramTest {

  private static final int COUNT = 20_000;

  @Test
  void countsZerosAndPowersOfTwo() {
    var histogram = new MagnitudeHistogram();
    for (float magnitude : new float[] {0, 0, 0.5f, 0.75f, 1, 3, 3.5f, Float.MIN_VALUE}) {
      histogram.add(magnitude);
    }
    assertEquals(8, histogram.count());
    assertEquals(3.5f, histogram.largest());
    assertEquals(0.25, histogram.zeros());
    assertEquals(0.25, histogram.share(-1));
    assertEquals(0.125, histogram.share(0));
    assertEquals(0.25, histogram.share(1));
    assertEquals(0.75, histogram.density(0));
    assertEquals(0.25, histogram.density(2));
    assertEquals(0, histogram.density(3.5f));
    assertEquals(0, new MagnitudeHistogram().density(0));
  }

  @Test
  void densitiesAreOffByNoMoreThanWhatLiesNearTheThreshold() {
    var random = new SplittableRandom(3);
    float[] magnitudes = new float[COUNT];
    var first = new MagnitudeHistogram();
    var second = new MagnitudeHistogram();
    for (int i = 0; i < COUNT; i++) {
      magnitudes[i] = (float) Math.exp(3 * random.nextGaussian());
      (i % 2 == 0 ? first : second).add(magnitudes[i]);
    }
    first.add(second);
    assertEquals(COUNT, first.count());
    for (float threshold : new float[] {1e-3f, 0.11f, 1, 1.03f, 7, 99, 2000}) {
      double near = share(magnitudes, threshold * 31 / 32, threshold * 33 / 32);
      double exact = share(magnitudes, threshold, Float.MAX_VALUE);
      assertEquals(exact, first.density(threshold), near + 1e-12, "" + threshold);
    }
    for (double density : new double[] {0.001, 0.1, 0.37, 0.9}) {
      float threshold = first.threshold(density);
      assertTrue(share(magnitudes, threshold, Float.MAX_VALUE) <= density);
      assertTrue(share(magnitudes, threshold * 31 / 32, Float.MAX_VALUE) >= density);
    }
    assertEquals(0, first.threshold(1));
  }

  @Test
  void refusesWhatIsNoMagnitude() {
    var histogram = new MagnitudeHistogram();
    for (float magnitude : new float[] {-1, Float.NaN, Float.POSITIVE_INFINITY}) {
      assertThrows(IllegalArgumentException.class, () -> histogram.add(magnitude));
    }
    assertThrows(IllegalArgumentException.class, () -> histogram.threshold(1.5));
    assertEquals(0, histogram.count());
  }

  private static double share(float[] magnitudes, float over, float upTo) {
    int inside = 0;
    for (float magnitude : magnitudes) {
      inside += magnitude > over && magnitude <= upTo ? 1 : 0;
    }
    return (double) inside / magnitudes.length;
  }
}
