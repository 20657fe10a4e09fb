package io.rivulet.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class CodedRowsTest {

  private static final int NEURONS = 96;
  private static final List<Integer> WIDTHS = List.of(3, 16, 32, 37, 64, 96, 100, 160);

  private final Kernels kernels = KernelsUnderTest.select();
  private final Kernels scalar = new ScalarKernels();

  /** How coded rows can differ. */
  record Kind(CodeType codes, int group, boolean affine) {
    CodedRows sample(Arena arena, int cols) {
      return Samples.coded(arena, this, NEURONS, cols, cols);
    }
  }

  static Stream<Kind> kinds() {
    return Stream.of(CodeType.values())
        .flatMap(codes -> Stream.of(new Kind(codes, 32, false), new Kind(codes, 16, true)));
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
          scalar.accumulateRows(w, a, 1, new int[][] {ids}, new int[] {count}, expected, 0, cols);
          kernels.accumulateRows(w, a, 1, new int[][] {ids}, new int[] {count}, actual, 0, cols);
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
        kernels.accumulateRows(w, a, 1, new int[][] {all}, new int[] {NEURONS}, dense, 0, cols);
        kernels.accumulateRows(w, a, 1, new int[][] {active}, new int[] {count}, sparse, 0, cols);
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
      kernels.accumulateRows(w, a, 1, new int[][] {ids}, new int[] {NEURONS}, whole, 0, cols);
      for (int cut = 0; cut <= cols; cut += w.columnStep()) {
        kernels.accumulateRows(w, a, 1, new int[][] {ids}, new int[] {NEURONS}, split, 0, cut);
        kernels.accumulateRows(w, a, 1, new int[][] {ids}, new int[] {NEURONS}, split, cut, cols);
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
      scalar.accumulateRows(w, a, 1, new int[][] {ids}, new int[] {ids.length}, out, 0, cols);
      for (int c = 0; c < cols; c++) {
        double sum = 0;
        for (int id : ids) {
          double scale = w.scales().get(id / w.group(), c);
          double offset = kind.affine() ? w.offsets().get(id / w.group(), c) : 0;
          double weight = scale * w.codeType().code(w.codes(), id * w.rowBytes(), c) + offset;
          sum += a.get(0, id) * weight;
        }
        assertEquals(sum, out.get(0, c), 1e-5);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void sumsAreThoseOfTheSameWeightsInFloat32(WeightType type) {
    int neurons = 512;
    try (Arena arena = Arena.ofShared()) {
      FloatTensor a = Samples.sparse(arena, 1, neurons, 0.5, 7);
      int[] ids = new int[neurons];
      int count = kernels.nonZero(a, 0, 0, neurons, ids, 0);
      for (int cols : new int[] {3, 64, 130}) {
        Matrix down = Samples.weights(arena, type, cols, neurons, cols);
        FloatTensor stored = Samples.decoded(arena, down);
        FloatTensor expected = FloatTensor.allocate(arena, 1, cols);
        FloatTensor actual = FloatTensor.allocate(arena, 1, cols);
        for (int c = 0; c < cols; c++) {
          float sum = 0;
          for (int i = 0; i < count; i++) {
            sum = Math.fma(a.get(0, ids[i]), stored.get(c, ids[i]), sum);
          }
          expected.set(0, c, sum);
        }
        kernels.accumulateRows(
            NeuronRows.of(down, arena),
            a,
            1,
            new int[][] {ids},
            new int[] {count},
            actual,
            0,
            cols);
        assertArrayEquals(expected.row(0), actual.row(0));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"Q8_0, 1.06", "Q4_0, 1.12", "Q4_1, 1.21", "Q4_K, 1.34", "Q6_K, 1.53"})
  void takesLittleMoreMemoryThanTheFile(WeightType type, double factor) {
    try (Arena arena = Arena.ofShared()) {
      Matrix down = Samples.weights(arena, type, 64, 16384, 1);
      assertEquals(factor, (double) NeuronRows.of(down, arena).byteSize() / down.byteSize(), 0.01);
    }
  }

  @Test
  void refusesMemoryAndColumnsThatDoNotFit() {
    try (Arena arena = Arena.ofConfined()) {
      CodedRows w = new Kind(CodeType.BYTE, 32, false).sample(arena, 96);
      FloatTensor a = FloatTensor.allocate(arena, 1, NEURONS);
      FloatTensor out = FloatTensor.allocate(arena, 1, 96);
      int[] ids = {0, NEURONS};
      assertThrows(
          IndexOutOfBoundsException.class,
          () -> kernels.accumulateRows(w, a, 1, new int[][] {ids}, new int[] {2}, out, 0, 96));
      assertThrows(
          IllegalArgumentException.class,
          () -> kernels.accumulateRows(w, a, 1, new int[][] {ids}, new int[] {1}, out, 0, 40));
      assertThrows(IllegalArgumentException.class, () -> with(w, 64, 32));
      assertThrows(IllegalArgumentException.class, () -> with(w, NEURONS, 16));
      assertThrows(IllegalArgumentException.class, () -> with(w, NEURONS, 36));
    }
  }

  private static CodedRows with(CodedRows w, int rows, int group) {
    return new CodedRows(rows, w.cols(), group, w.codeType(), w.codes(), w.scales(), w.offsets());
  }
}
