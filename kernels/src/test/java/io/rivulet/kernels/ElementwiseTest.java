package io.rivulet.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ElementwiseTest {

  private static final int COLS = 77;

  private final Kernels kernels = KernelsUnderTest.select();
  private final Kernels scalar = new ScalarKernels();

  @ParameterizedTest
  @EnumSource
  void activationsAgreeWithTheScalarTwinToTheBit(Activation activation) {
    bothDo((k, x) -> k.activate(activation, x, 1, 2, COLS - 1));
  }

  @Test
  void arithmeticAgreesWithTheScalarTwinToTheBit() {
    try (Arena arena = Arena.ofConfined()) {
      FloatTensor y = Samples.activations(arena, 3, COLS, 9);
      bothDo((k, x) -> k.add(x, y, 1, 3, COLS));
      bothDo((k, x) -> k.addBias(x, y, 1, 0, COLS - 2));
      bothDo((k, x) -> k.multiply(x, y, 2, 0, COLS));
      bothDo((k, x) -> k.scale(x, 1, 5, 40, 0.3f));
      bothDo((k, x) -> k.rectify(x, 1, 1, COLS, 0.4f));
      bothDo((k, x) -> k.softCap(x, 1, 1, COLS, 0.7f));
    }
  }

  @Test
  void arithmeticDoesWhatItSays() {
    try (Arena arena = Arena.ofConfined()) {
      FloatTensor x = FloatTensor.of(arena, 1, 2, 3);
      FloatTensor y = FloatTensor.of(arena, 10, 20, 30);
      kernels.add(x, y, 0, 1, 3);
      assertArrayEquals(new float[] {1, 22, 33}, x.row(0));
      kernels.multiply(x, y, 0, 0, 2);
      assertArrayEquals(new float[] {10, 440, 33}, x.row(0));
      kernels.scale(x, 0, 0, 1, -2);
      assertArrayEquals(new float[] {-20, 440, 33}, x.row(0));
      FloatTensor rows = FloatTensor.allocate(arena, 2, 3);
      kernels.addBias(rows, y, 1, 0, 3);
      assertArrayEquals(new float[] {0, 0, 0}, rows.row(0));
      assertArrayEquals(new float[] {10, 20, 30}, rows.row(1));
    }
  }

  @Test
  void activationsAgreeWithDoublePrecision() {
    assertActivation(Activation.RELU, x -> Math.max(x, 0));
    assertActivation(Activation.RELU_SQUARED, x -> Math.max(x, 0) * Math.max(x, 0));
    assertActivation(Activation.SILU, x -> x / (1 + Math.exp(-x)));
    double slope = Math.sqrt(2 / Math.PI);
    assertActivation(
        Activation.GELU, x -> 0.5 * x * (1 + Math.tanh(slope * (x + 0.044715 * x * x * x))));
  }

  @Test
  void theExactFormOfGeluAgreesWithDoublePrecision() {
    // Marsaglia's series for the normal distribution, good to the last digit here.
    assertActivation(
        Activation.GELU_ERF,
        x -> {
          double sum = x;
          double term = x;
          for (int i = 3; i < 200; i += 2) {
            term *= x * x / i;
            sum += term;
          }
          return x * (0.5 + sum * Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI));
        });
  }

  @Test
  void onlyValuesAboveTheThresholdPass() {
    try (Arena arena = Arena.ofConfined()) {
      float[] values = {0.01f, 0.011f, -3, 0, 0.0099f, 5, Float.NaN, -0.0f};
      float[] expected = {0, 0.011f, 0, 0, 0, 5, Float.NaN, 0};
      FloatTensor x = FloatTensor.allocate(arena, 1, 35);
      for (int i = 0; i < 35; i++) {
        x.set(0, i, values[i % values.length]);
      }
      kernels.rectify(x, 0, 0, 35, 0.01f);
      for (int i = 0; i < 35; i++) {
        assertEquals(expected[i % expected.length], x.get(0, i));
      }
    }
  }

  @Test
  void softCapsAgreeWithDoublePrecision() {
    try (Arena arena = Arena.ofConfined()) {
      FloatTensor x = FloatTensor.allocate(arena, 1, 2001);
      for (int c = 0; c < 2001; c++) {
        x.set(0, c, (c - 1000) / 5f);
      }
      kernels.softCap(x, 0, 0, 2001, 30);
      for (int c = 0; c < 2001; c++) {
        double exact = 30 * Math.tanh((c - 1000) / 5f / 30);
        assertEquals(exact, x.get(0, c), 5 * Math.ulp((float) exact));
      }
      assertThrows(IllegalArgumentException.class, () -> kernels.softCap(x, 0, 0, 2001, 0));
    }
  }

  @Test
  void activationsEndInTheirLimits() {
    float[] large = {1e30f, -1e30f, Float.POSITIVE_INFINITY, 200, -200};
    try (Arena arena = Arena.ofConfined()) {
      for (Activation activation : List.of(Activation.SILU, Activation.GELU, Activation.GELU_ERF)) {
        FloatTensor x = FloatTensor.allocate(arena, 1, 32);
        for (int i = 0; i < 32; i++) {
          x.set(0, i, large[i % large.length]);
        }
        kernels.activate(activation, x, 0, 0, 32);
        for (int i = 0; i < 32; i++) {
          float expected = Math.max(large[i % large.length], 0);
          assertEquals(expected, x.get(0, i), 1e-6f, activation + " of " + large[i % 5]);
        }
      }
    }
  }

  @Test
  void exponentialIsWithinTwoUnitsInTheLastPlace() {
    double worst = 0;
    for (float x = -87; x < 87; x += 0.00137f) {
      float expected = (float) Math.exp(x);
      worst = Math.max(worst, Math.abs(Exponential.exp(x) - Math.exp(x)) / Math.ulp(expected));
    }
    assertTrue(worst < 2, "ulp: " + worst);
    assertEquals(1f, Exponential.exp(0));
    assertTrue(Float.isNaN(Exponential.exp(Float.NaN)));
    assertTrue(Exponential.exp(Float.NEGATIVE_INFINITY) < 2e-38f);
  }

  @Test
  void exponentialMinusOneIsWithinTwoUnitsInTheLastPlace() {
    double worst = 0;
    for (float x = -87; x < 87; x += 0.00137f) {
      float expected = (float) Math.expm1(x);
      double error = Math.abs(Exponential.expMinusOne(x) - Math.expm1(x));
      worst = Math.max(worst, error / Math.ulp(expected));
    }
    assertTrue(worst < 2, "ulp: " + worst);
    assertEquals(1e-20f, Exponential.expMinusOne(1e-20f));
    assertTrue(Float.isNaN(Exponential.expMinusOne(Float.NaN)));
  }

  private void assertActivation(Activation activation, DoubleUnaryOperator expected) {
    try (Arena arena = Arena.ofConfined()) {
      FloatTensor x = FloatTensor.allocate(arena, 1, 1001);
      for (int c = 0; c < 1001; c++) {
        x.set(0, c, (c - 500) / 50f);
      }
      kernels.activate(activation, x, 0, 0, 1001);
      for (int c = 0; c < 1001; c++) {
        double exact = expected.applyAsDouble((c - 500) / 50f);
        assertEquals(exact, x.get(0, c), Math.abs(exact) * 1e-6 + 1e-7);
      }
    }
  }

  private void bothDo(BiConsumer<Kernels, FloatTensor> operation) {
    try (Arena arena = Arena.ofConfined()) {
      FloatTensor expected = Samples.activations(arena, 3, COLS, 4);
      FloatTensor actual = Samples.activations(arena, 3, COLS, 4);
      operation.accept(scalar, expected);
      operation.accept(kernels, actual);
      for (int i = 0; i < 3; i++) {
        assertArrayEquals(expected.row(i), actual.row(i));
      }
    }
  }
}
