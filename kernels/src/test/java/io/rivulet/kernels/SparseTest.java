package io.rivulet.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SparseTest {

  private static final int NEURONS = 75;

  private final Kernels kernels = KernelsUnderTest.select();
  private final Kernels scalar = new ScalarKernels();

  @ParameterizedTest
  @EnumSource(names = {"F32", "F16", "BF16"})
  void agreesWithTheScalarTwinToTheBit(WeightType type) {
    try (Arena arena = Arena.ofConfined()) {
      for (int cols : new int[] {3, 16, 32, 37, 96, 128}) {
        if (cols % type.blockSize() == 0) {
          Matrix w = Samples.weights(arena, type, NEURONS, cols, cols);
          FloatTensor a = Samples.sparse(arena, 2, NEURONS, 0.3, 5);
          for (int count : new int[] {0, 1, 7, 8, 9, 24, 50}) {
            int[] ids = IntStream.range(0, NEURONS).filter(i -> i % 3 != 1).toArray();
            FloatTensor expected = Samples.activations(arena, 2, cols, 6);
            FloatTensor actual = Samples.activations(arena, 2, cols, 6);
            scalar.accumulateRows(w, a, 1, new int[][] {ids}, new int[] {count}, expected, 0, cols);
            kernels.accumulateRows(w, a, 1, new int[][] {ids}, new int[] {count}, actual, 0, cols);
            assertArrayEquals(expected.row(0), actual.row(0));
            assertArrayEquals(expected.row(1), actual.row(1));
          }
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "F16", "BF16"})
  void leavingOutZerosChangesNothing(WeightType type) {
    int cols = 96;
    try (Arena arena = Arena.ofConfined()) {
      Matrix w = Samples.weights(arena, type, NEURONS, cols, 1);
      FloatTensor a = Samples.sparse(arena, 1, NEURONS, 0.7, 2);
      int[] all = IntStream.range(0, NEURONS).toArray();
      int[] active = new int[NEURONS];
      int count = kernels.nonZero(a, 0, 0, NEURONS, active, 0);
      FloatTensor dense = FloatTensor.allocate(arena, 1, cols);
      FloatTensor sparse = FloatTensor.allocate(arena, 1, cols);
      kernels.accumulateRows(w, a, 1, new int[][] {all}, new int[] {NEURONS}, dense, 0, cols);
      kernels.accumulateRows(w, a, 1, new int[][] {active}, new int[] {count}, sparse, 0, cols);
      assertArrayEquals(dense.row(0), sparse.row(0));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "F16", "BF16"})
  void resultsDoNotDependOnHowColumnsAreSplit(WeightType type) {
    int cols = 160;
    try (Arena arena = Arena.ofConfined()) {
      Matrix w = Samples.weights(arena, type, NEURONS, cols, 1);
      FloatTensor a = Samples.activations(arena, 1, NEURONS, 2);
      int[] ids = IntStream.range(0, NEURONS).toArray();
      FloatTensor whole = FloatTensor.allocate(arena, 1, cols);
      FloatTensor split = FloatTensor.allocate(arena, 1, cols);
      kernels.accumulateRows(w, a, 1, new int[][] {ids}, new int[] {NEURONS}, whole, 0, cols);
      for (int cut = 0; cut <= cols; cut += type.blockSize()) {
        kernels.accumulateRows(w, a, 1, new int[][] {ids}, new int[] {NEURONS}, split, 0, cut);
        kernels.accumulateRows(w, a, 1, new int[][] {ids}, new int[] {NEURONS}, split, cut, cols);
        assertArrayEquals(whole.row(0), split.row(0));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "F16", "BF16"})
  void scalarTwinAgreesWithDoublePrecision(WeightType type) {
    int cols = 64;
    try (Arena arena = Arena.ofConfined()) {
      Matrix w = Samples.weights(arena, type, NEURONS, cols, 1);
      FloatTensor decoded = Samples.decoded(arena, w);
      FloatTensor a = Samples.activations(arena, 1, NEURONS, 2);
      int[] ids = {3, 4, 17, 18, 30, 31, 32, 33, 34, 74};
      FloatTensor out = FloatTensor.allocate(arena, 1, cols);
      scalar.accumulateRows(w, a, 1, new int[][] {ids}, new int[] {ids.length}, out, 0, cols);
      for (int c = 0; c < cols; c++) {
        double sum = 0;
        for (int id : ids) {
          sum += (double) a.get(0, id) * decoded.get(id, c);
        }
        assertEquals(sum, out.get(0, c), 1e-6);
      }
    }
  }

  @Test
  void findsActiveNeuronsInOrder() {
    try (Arena arena = Arena.ofConfined()) {
      for (double zeros : new double[] {0, 0.5, 0.95, 1}) {
        FloatTensor a = Samples.sparse(arena, 2, 101, zeros, 7);
        a.set(1, 50, -0.0f);
        a.set(1, 51, Float.MIN_VALUE);
        int[] expected = IntStream.range(3, 99).filter(c -> a.get(1, c) != 0).toArray();
        int[] ids = new int[101];
        int count = kernels.nonZero(a, 1, 3, 99, ids, 2);
        assertArrayEquals(expected, Arrays.copyOfRange(ids, 2, 2 + count));
      }
    }
  }

  @Test
  void findsNeuronsAboveTheirThresholdsInOrder() {
    try (Arena arena = Arena.ofConfined()) {
      FloatTensor a = Samples.activations(arena, 2, 101, 7);
      FloatTensor thresholds = FloatTensor.allocate(arena, 3, 101);
      for (double largest : new double[] {0, 0.5, 1.5, 9}) {
        for (int c = 0; c < 101; c++) {
          thresholds.set(2, c, (float) (largest * (c % 10) / 9));
        }
        a.set(1, 50, -0.0f);
        a.set(1, 51, Float.NaN);
        a.set(1, 52, -thresholds.get(2, 52));
        a.set(1, 53, -Math.nextUp(thresholds.get(2, 53)));
        thresholds.set(2, 54, Float.POSITIVE_INFINITY);
        a.set(1, 55, Float.NEGATIVE_INFINITY);
        int[] expected =
            IntStream.range(3, 99)
                .filter(c -> Math.abs((double) a.get(1, c)) > thresholds.get(2, c))
                .toArray();
        int[] ids = new int[101];
        int count = kernels.above(a, 1, 3, 99, thresholds, 2, ids, 2);
        assertArrayEquals(expected, Arrays.copyOfRange(ids, 2, 2 + count));
      }
    }
  }

  @Test
  void findsPositiveScoresInOrder() {
    try (Arena arena = Arena.ofConfined()) {
      for (double zeros : new double[] {0, 0.5, 0.95, 1}) {
        FloatTensor scores = Samples.sparse(arena, 2, 101, zeros, 7);
        scores.set(1, 50, -0.0f);
        scores.set(1, 51, Float.MIN_VALUE);
        scores.set(1, 52, -Float.MIN_VALUE);
        scores.set(1, 53, Float.NaN);
        int[] expected = IntStream.range(3, 99).filter(c -> scores.get(1, c) > 0).toArray();
        int[] ids = new int[101];
        int count = kernels.positive(scores, 1, 3, 99, ids, 2);
        assertArrayEquals(expected, Arrays.copyOfRange(ids, 2, 2 + count));
      }
    }
  }

  @Test
  void idsNeedRoomForTheirRangeAndNoMore() {
    try (Arena arena = Arena.ofConfined()) {
      FloatTensor a = FloatTensor.allocate(arena, 1, 64);
      FloatTensor zeros = FloatTensor.allocate(arena, 1, 64);
      IntStream.range(0, 64).forEach(c -> a.set(0, c, c + 1));
      for (int to : new int[] {0, 1, 16, 40, 64}) {
        int[] ids = new int[to + 3];
        ids[to + 2] = -7;
        int[] expected = IntStream.range(0, to).toArray();
        assertEquals(to, kernels.nonZero(a, 0, 0, to, ids, 2));
        assertArrayEquals(expected, Arrays.copyOfRange(ids, 2, 2 + to));
        assertEquals(to, kernels.positive(a, 0, 0, to, ids, 2));
        assertArrayEquals(expected, Arrays.copyOfRange(ids, 2, 2 + to));
        assertEquals(to, kernels.above(a, 0, 0, to, zeros, 0, ids, 2));
        assertArrayEquals(expected, Arrays.copyOfRange(ids, 2, 2 + to));
        assertEquals(-7, ids[to + 2]);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"F32", "F16", "BF16"})
  void refusesOtherTypes(WeightType type) {
    try (Arena arena = Arena.ofConfined()) {
      Matrix w = Samples.weights(arena, type, 2, 256, 1);
      FloatTensor a = Samples.activations(arena, 1, 2, 2);
      FloatTensor out = Samples.activations(arena, 1, 256, 3);
      float[] before = out.row(0);
      var refusal =
          assertThrows(
              IllegalArgumentException.class,
              () ->
                  kernels.accumulateRows(
                      w, a, 1, new int[][] {{0, 1}}, new int[] {2}, out, 0, 256));
      assertEquals(
          "rows of type " + type + " cannot be summed, only of [F32, F16, BF16]",
          refusal.getMessage());
      assertArrayEquals(before, out.row(0));
    }
  }

  @Test
  void refusesIdsAndColumnsThatDoNotFit() {
    try (Arena arena = Arena.ofConfined()) {
      Matrix w = Samples.weights(arena, WeightType.F16, 4, 64, 1);
      FloatTensor a = FloatTensor.allocate(arena, 1, 4);
      FloatTensor out = FloatTensor.allocate(arena, 1, 64);
      int[] ids = {0, 4};
      assertThrows(
          IndexOutOfBoundsException.class,
          () -> kernels.accumulateRows(w, a, 1, new int[][] {ids}, new int[] {2}, out, 0, 64));
      assertThrows(
          IndexOutOfBoundsException.class,
          () -> kernels.accumulateRows(w, a, 1, new int[][] {ids}, new int[] {1}, out, 0, 65));
      assertThrows(
          IndexOutOfBoundsException.class, () -> kernels.nonZero(a, 0, 0, 4, new int[3], 0));
      assertThrows(
          IndexOutOfBoundsException.class, () -> kernels.positive(a, 0, 0, 4, new int[4], 1));
      assertThrows(
          IndexOutOfBoundsException.class, () -> kernels.above(a, 0, 0, 4, out, 0, new int[3], 0));
      FloatTensor few = FloatTensor.allocate(arena, 1, 3);
      assertThrows(
          IndexOutOfBoundsException.class, () -> kernels.above(a, 0, 0, 4, few, 0, new int[4], 0));
      assertThrows(
          IndexOutOfBoundsException.class, () -> kernels.above(a, 0, 0, 4, out, 1, new int[4], 0));
    }
  }
}
