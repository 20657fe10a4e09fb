package io.rivulet.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class CodedRowsTest {

  private static final int NEURONS = 96;
  private static final List<Integer> WIDTHS = List.of(3, 16, 32, 37, 64, 96, 100, 160);

  private final Kernels kernels = KernelsUnderTest.select();
  private final Kernels scalar = new ScalarKernels();

  /** How coded rows can differ. */
  record Kind(CodeType codes, int group, WeightType scales, boolean affine) {
    CodedRows sample(Arena arena, int cols) {
      return Samples.coded(arena, this, NEURONS, cols, cols);
    }
  }

  static Stream<Kind> kinds() {
    return Stream.of(CodeType.values())
        .flatMap(
            codes ->
                Stream.of(
                    new Kind(codes, 32, WeightType.F16, false),
                    new Kind(codes, 32, WeightType.F16, true),
                    new Kind(codes, 16, WeightType.F32, false),
                    new Kind(codes, 32, WeightType.F32, true)));
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void agreesWithTheScalarTwinToTheBit(Kind kind) {
    try (Arena arena = Arena.ofConfined()) {
      FloatTensor a = Samples.sparse(arena, 2, NEURONS, 0.3, 5);
      int[] ids = IntStream.range(0, NEURONS).filter(i -> i % 3 != 1 && i / 16 != 3).toArray();
      for (int cols : WIDTHS) {
        CodedRows w = kind.sample(arena, cols);
        for (int count : new int[] {0, 1, 7, 25, ids.length}) {
          FloatTensor expected = Samples.activations(arena, 2, cols, 6);
          FloatTensor actual = Samples.activations(arena, 2, cols, 6);
          scalar.accumulateRows(w, a, 1, ids, count, expected, 0, cols);
          kernels.accumulateRows(w, a, 1, ids, count, actual, 0, cols);
          assertArrayEquals(expected.row(0), actual.row(0));
          assertArrayEquals(expected.row(1), actual.row(1));
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void leavingOutZerosChangesNothing(Kind kind) {
    int cols = 100;
    try (Arena arena = Arena.ofConfined()) {
      CodedRows w = kind.sample(arena, cols);
      for (double zeros : new double[] {0.3, 0.9, 0.99, 1}) {
        FloatTensor a = Samples.sparse(arena, 1, NEURONS, zeros, 2);
        int[] all = IntStream.range(0, NEURONS).toArray();
        int[] active = new int[NEURONS];
        int count = kernels.nonZero(a, 0, 0, NEURONS, active, 0);
        FloatTensor dense = FloatTensor.allocate(arena, 1, cols);
        FloatTensor sparse = FloatTensor.allocate(arena, 1, cols);
        kernels.accumulateRows(w, a, 0, all, NEURONS, dense, 0, cols);
        kernels.accumulateRows(w, a, 0, active, count, sparse, 0, cols);
        assertArrayEquals(dense.row(0), sparse.row(0));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void resultsDoNotDependOnHowColumnsAreSplit(Kind kind) {
    int cols = 165;
    try (Arena arena = Arena.ofConfined()) {
      CodedRows w = kind.sample(arena, cols);
      FloatTensor a = Samples.activations(arena, 1, NEURONS, 2);
      int[] ids = IntStream.range(0, NEURONS).toArray();
      FloatTensor whole = FloatTensor.allocate(arena, 1, cols);
      FloatTensor split = FloatTensor.allocate(arena, 1, cols);
      kernels.accumulateRows(w, a, 0, ids, NEURONS, whole, 0, cols);
      for (int cut = 0; cut <= cols; cut += w.columnStep()) {
        kernels.accumulateRows(w, a, 0, ids, NEURONS, split, 0, cut);
        kernels.accumulateRows(w, a, 0, ids, NEURONS, split, cut, cols);
        assertArrayEquals(whole.row(0), split.row(0));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void scalarTwinAgreesWithDoublePrecision(Kind kind) {
    int cols = 70;
    try (Arena arena = Arena.ofConfined()) {
      CodedRows w = kind.sample(arena, cols);
      FloatTensor a = Samples.activations(arena, 1, NEURONS, 2);
      int[] ids = {3, 4, 17, 18, 30, 31, 32, 33, 34, 94};
      FloatTensor out = FloatTensor.allocate(arena, 1, cols);
      scalar.accumulateRows(w, a, 0, ids, ids.length, out, 0, cols);
      for (int c = 0; c < cols; c++) {
        double sum = 0;
        for (int id : ids) {
          sum += a.get(0, id) * Samples.weight(w, id, c);
        }
        assertEquals(sum, out.get(0, c), 1e-5);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void layingOutByNeuronsChangesNoWeight(WeightType type) {
    try (Arena arena = Arena.ofShared()) {
      for (int cols : new int[] {3, 64, 130}) {
        Matrix down = Samples.weights(arena, type, cols, 512, cols);
        FloatTensor stored = Samples.decoded(arena, down);
        NeuronRows rows = NeuronRows.of(down, arena);
        for (int neuron = 0; neuron < 512; neuron++) {
          for (int c = 0; c < cols; c++) {
            float expected = stored.get(c, neuron) + 0f; // -0 is as good as 0
            assertEquals(expected, (float) Samples.weight(rows, neuron, c) + 0f);
          }
        }
      }
    }
  }

  @Test
  void takesNoMoreMemoryThanTheFile() {
    try (Arena arena = Arena.ofShared()) {
      Matrix down = Samples.weights(arena, WeightType.Q8_0, 64, 128, 1);
      NeuronRows rows = NeuronRows.of(down, arena);
      assertInstanceOf(CodedRows.class, rows);
      assertEquals(down.byteSize(), rows.byteSize());
    }
  }

  @Test
  void refusesMemoryAndColumnsThatDoNotFit() {
    try (Arena arena = Arena.ofConfined()) {
      CodedRows w = new Kind(CodeType.BYTE, 32, WeightType.F16, false).sample(arena, 96);
      FloatTensor a = FloatTensor.allocate(arena, 1, NEURONS);
      FloatTensor out = FloatTensor.allocate(arena, 1, 96);
      int[] ids = {0, NEURONS};
      assertThrows(
          IndexOutOfBoundsException.class,
          () -> kernels.accumulateRows(w, a, 0, ids, 2, out, 0, 96));
      assertThrows(
          IllegalArgumentException.class,
          () -> kernels.accumulateRows(w, a, 0, ids, 1, out, 0, 40));
      assertThrows(
          IllegalArgumentException.class,
          () ->
              new CodedRows(
                  64, 96, 32, CodeType.BYTE, w.codes(), w.scales(), Optional.<Matrix>empty()));
      assertThrows(
          IllegalArgumentException.class,
          () ->
              new CodedRows(
                  NEURONS, 96, 16, CodeType.BYTE, w.codes(), w.scales(), Optional.<Matrix>empty()));
    }
  }
}
