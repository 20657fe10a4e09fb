package io.rivulet.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NormalisationTest {

  private static final float EPSILON = 1e-5f;

  private final Kernels kernels = KernelsUnderTest.select();
  private final Kernels scalar = new ScalarKernels();

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 16, 33, 288})
  void agreesWithTheScalarTwinAndDoublePrecision(int n) {
    try (Arena arena = Arena.ofConfined()) {
      FloatTensor x = Samples.activations(arena, 2, n + 5, 1);
      FloatTensor weight = Samples.activations(arena, 1, n, 2);
      FloatTensor bias = Samples.activations(arena, 1, n, 3);
      FloatTensor expected = FloatTensor.allocate(arena, 2, n + 5);
      FloatTensor actual = FloatTensor.allocate(arena, 2, n + 5);
      double mean = 0;
      double square = 0;
      for (int i = 0; i < n; i++) {
        mean += x.get(1, 5 + i) / (double) n;
        square += x.get(1, 5 + i) * (double) x.get(1, 5 + i) / n;
      }
      double variance = 0;
      for (int i = 0; i < n; i++) {
        variance += (x.get(1, 5 + i) - mean) * (x.get(1, 5 + i) - mean) / n;
      }

      scalar.layerNorm(x, 1, 5, weight, bias, EPSILON, expected);
      kernels.layerNorm(x, 1, 5, weight, bias, EPSILON, actual);
      assertArrayEquals(expected.row(1), actual.row(1));
      for (int i = 0; i < n; i++) {
        double exact =
            (x.get(1, 5 + i) - mean) / Math.sqrt(variance + EPSILON) * weight.get(0, i)
                + bias.get(0, i);
        assertEquals(exact, actual.get(1, 5 + i), 1e-5);
      }

      scalar.rmsNorm(x, 1, 5, weight, EPSILON, expected);
      kernels.rmsNorm(x, 1, 5, weight, EPSILON, actual);
      assertArrayEquals(expected.row(1), actual.row(1));
      for (int i = 0; i < n; i++) {
        double exact = x.get(1, 5 + i) / Math.sqrt(square + EPSILON) * weight.get(0, i);
        assertEquals(exact, actual.get(1, 5 + i), 1e-5);
      }

      float[] separate = actual.row(1);
      kernels.rmsNorm(x, 1, 5, weight, EPSILON, x);
      for (int i = 0; i < n; i++) {
        assertEquals(separate[5 + i], x.get(1, 5 + i));
      }
      assertThrows(
          IndexOutOfBoundsException.class, () -> kernels.rmsNorm(x, 1, 6, weight, EPSILON, actual));
    }
  }
}
