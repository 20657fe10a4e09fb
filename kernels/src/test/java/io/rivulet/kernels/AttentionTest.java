package io.rivulet.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class AttentionTest {

  private final Kernels kernels = KernelsUnderTest.select();
  private final Kernels scalar = new ScalarKernels();

  @ParameterizedTest
  @CsvSource({
    "1, 64, 0",
    "2, 64, 0",
    "17, 64, 2",
    "40, 48, 0",
    "33, 20, 0.5",
    "100, 128, 50",
    "5, 7, 1",
    "64, 80, 0"
  })
  void agreesWithTheScalarTwinToTheBit(int positions, int headSize, float softCap) {
    try (Arena arena = Arena.ofConfined()) {
      FloatTensor expected = attend(arena, scalar, positions, headSize, softCap);
      FloatTensor actual = attend(arena, kernels, positions, headSize, softCap);
      assertArrayEquals(expected.row(0), actual.row(0));
      assertArrayEquals(expected.row(1), actual.row(1));
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 64, 0", "17, 64, 0", "40, 48, 2", "5, 7, 0.5"})
  void agreesWithDoublePrecision(int positions, int headSize, float softCap) {
    try (Arena arena = Arena.ofConfined()) {
      FloatTensor queries = Samples.activations(arena, 2, 2 * headSize, 1);
      FloatTensor keys = Samples.activations(arena, positions + 3, 3 * headSize, 2);
      FloatTensor values = Samples.activations(arena, positions + 3, 3 * headSize, 3);
      FloatTensor out = attend(arena, kernels, positions, headSize, softCap);
      double[] weights = new double[positions];
      double total = 0;
      for (int p = 0; p < positions; p++) {
        double dot = 0;
        for (int c = 0; c < headSize; c++) {
          dot += (double) queries.get(1, headSize + c) * keys.get(3 + p, 2 * headSize + c);
        }
        double score = dot * 0.25f;
        weights[p] = Math.exp(softCap > 0 ? softCap * Math.tanh(score / softCap) : score);
        total += weights[p];
      }
      for (int c = 0; c < headSize; c++) {
        double mixed = 0;
        for (int p = 0; p < positions; p++) {
          mixed += weights[p] / total * values.get(3 + p, 2 * headSize + c);
        }
        assertEquals(mixed, out.get(1, headSize + c), 1e-5);
        assertEquals(0, out.get(1, c));
      }
    }
  }

  @Test
  void softmaxAddsUpToOneAndTakesLargeValues() {
    try (Arena arena = Arena.ofConfined()) {
      for (int n : new int[] {1, 15, 16, 50, 1000}) {
        FloatTensor x = Samples.activations(arena, 1, n, n);
        x.set(0, n - 1, 1e4f);
        x.set(0, 0, 1e4f);
        kernels.softmax(x, 0, n);
        double sum = 0;
        for (int i = 0; i < n; i++) {
          sum += x.get(0, i);
        }
        assertEquals(1, sum, 1e-6);
        assertEquals(n == 1 ? 1 : 0.5, x.get(0, n - 1), 1e-6);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void rotationsAgreeWithTheirDefinition(RopeLayout layout) {
    int dims = 44;
    try (Arena arena = Arena.ofConfined()) {
      float[] frequencies = Rotations.frequencies(dims, 10000);
      FloatTensor table = FloatTensor.allocate(arena, 2, dims);
      Rotations.fill(frequencies, 1, 11, table, 1);
      FloatTensor before = Samples.activations(arena, 2, 100, 1);
      FloatTensor expected = Samples.activations(arena, 2, 100, 1);
      FloatTensor actual = Samples.activations(arena, 2, 100, 1);
      scalar.rope(layout, expected, 1, 50, dims, table, 1);
      kernels.rope(layout, actual, 1, 50, dims, table, 1);
      assertArrayEquals(expected.row(1), actual.row(1));
      assertArrayEquals(before.row(0), actual.row(0));
      for (int i = 0; i < dims / 2; i++) {
        int a = 50 + (layout == RopeLayout.HALVES ? i : 2 * i);
        int b = layout == RopeLayout.HALVES ? a + dims / 2 : a + 1;
        double angle = 11 * Math.pow(10000, -2.0 * i / dims);
        double left = before.get(1, a);
        double right = before.get(1, b);
        assertEquals(left * Math.cos(angle) - right * Math.sin(angle), actual.get(1, a), 1e-5);
        assertEquals(left * Math.sin(angle) + right * Math.cos(angle), actual.get(1, b), 1e-5);
      }
      assertEquals(before.get(1, 49), actual.get(1, 49));
      assertEquals(before.get(1, 94), actual.get(1, 94));
    }
  }

  @Test
  void rotationsMultiplyByTheirMagnitude() {
    try (Arena arena = Arena.ofConfined()) {
      float[] frequencies = Rotations.frequencies(8, 10000);
      FloatTensor table = FloatTensor.allocate(arena, 1, 8);
      Rotations.fill(frequencies, 1.25f, 7, table, 0);
      for (int i = 0; i < 4; i++) {
        double angle = 7 * Math.pow(10000, -2.0 * i / 8);
        assertEquals(1.25 * Math.cos(angle), table.get(0, i), 1e-6);
        assertEquals(1.25 * Math.sin(angle), table.get(0, 4 + i), 1e-6);
      }
    }
  }

  @Test
  void refusesHeadsAndPositionsThatDoNotFit() {
    try (Arena arena = Arena.ofConfined()) {
      FloatTensor q = FloatTensor.allocate(arena, 1, 16);
      FloatTensor kv = FloatTensor.allocate(arena, 4, 16);
      FloatTensor scores = FloatTensor.allocate(arena, 1, 4);
      assertThrows(
          IndexOutOfBoundsException.class,
          () -> kernels.attend(q, 0, 0, 16, kv, kv, 1, 4, 0, 1, 0, scores, 0, q));
      assertThrows(
          IndexOutOfBoundsException.class,
          () -> kernels.attend(q, 0, 8, 16, kv, kv, 0, 4, 0, 1, 0, scores, 0, q));
      assertThrows(
          IllegalArgumentException.class,
          () -> kernels.attend(q, 0, 0, 16, kv, kv, 0, 0, 0, 1, 0, scores, 0, q));
      assertThrows(
          IllegalArgumentException.class,
          () -> kernels.rope(RopeLayout.HALVES, q, 0, 0, 3, scores, 0));
    }
  }

  private static FloatTensor attend(
      Arena arena, Kernels kernels, int positions, int headSize, float softCap) {
    FloatTensor queries = Samples.activations(arena, 2, 2 * headSize, 1);
    FloatTensor keys = Samples.activations(arena, positions + 3, 3 * headSize, 2);
    FloatTensor values = Samples.activations(arena, positions + 3, 3 * headSize, 3);
    FloatTensor scores = FloatTensor.allocate(arena, 2, positions);
    FloatTensor out = FloatTensor.allocate(arena, 2, 2 * headSize);
    kernels.attend(
        queries,
        1,
        headSize,
        headSize,
        keys,
        values,
        3,
        positions,
        2 * headSize,
        0.25f,
        softCap,
        scores,
        1,
        out);
    return out;
  }
}
