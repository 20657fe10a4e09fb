package io.rivulet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DensityBoundsTest {

  @ParameterizedTest
  @CsvSource({
    "0, 0.005",
    "5, 0.005",
    "6, 0.01",
    "70, 0.07",
    "71, 0.1",
    "150, 0.15",
    "300, 0.3",
    "501, 1",
    "1000, 1"
  })
  void aBoundIncludesWhatReachesIt(int neurons, double bound) {
    int[] bounds = DensityBounds.ofNeurons(1000);

    assertEquals(bound, DensityBounds.ALL.get(DensityBounds.indexOf(bounds, neurons)));
  }
}
