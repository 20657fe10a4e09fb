package io.rivulet.sparsity.predictor;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import org.junit.jupiter.api.Test;

class AdamRowsTest {

  @Test
  void movesAsTheAlgorithmDoesInFloat64() {
    float rate = 0.1f;
    float decay = 0.5f;
    float[] gradients = {3, -1, 0.25f, 0, 2};
    AdamRows rows = new AdamRows(Arena.ofAuto(), 2, 1, decay);
    rows.values().set(1, 0, 0.7f);
    double value = 0.7f;
    double mean = 0;
    double square = 0;
    for (int step = 1; step <= gradients.length; step++) {
      double gradient = gradients[step - 1];
      mean = 0.9 * mean + 0.1 * gradient;
      square = 0.99 * square + 0.01 * gradient * gradient;
      double corrected = mean / (1 - Math.pow(0.9, step));
      double deviation = Math.sqrt(square / (1 - Math.pow(0.99, step)));
      value = value * (1 - rate * decay) - rate * corrected / (deviation + 1e-8);
      rows.gradient().set(1, 0, gradients[step - 1]);
      rows.move(1, step, rate);
      assertEquals(value, rows.values().get(1, 0), 1e-5, "after step " + step);
    }
    assertEquals(0, rows.values().get(0, 0), "another row");
  }
}
