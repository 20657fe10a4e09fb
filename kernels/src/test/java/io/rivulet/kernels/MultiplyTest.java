package io.rivulet.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MultiplyTest {

  private static final int[] COLS = {
    1, 5, 15, 16, 17, 31, 32, 64, 96, 100, 256, 288, 352, 1024, 1280, 2304
  };
  private static final int[] ROWS = {1, 2, 3, 4, 5, 9, 33};

  private final Kernels kernels = KernelsUnderTest.select();
  private final Kernels scalar = new ScalarKernels();

  @ParameterizedTest
  @EnumSource
  void agreesWithTheScalarTwinToTheBit(WeightType type) {
    try (Arena arena = Arena.ofConfined()) {
      for (int cols : COLS) {
        for (int rows : ROWS) {
          if (cols % type.blockSize() == 0) {
            Matrix w = Samples.weights(arena, type, rows, cols, rows * 31L + cols);
            FloatTensor x = Samples.activations(arena, 13, cols, cols);
            for (int count = 1; count <= 13; count++) {
              FloatTensor expected = FloatTensor.allocate(arena, 13, rows);
              FloatTensor actual = FloatTensor.allocate(arena, 13, rows);
              scalar.multiply(w, x, count, expected, 0, rows);
              kernels.multiply(w, x, count, actual, 0, rows);
              for (int i = 0; i < 13; i++) {
                assertArrayEquals(
                    expected.row(i), actual.row(i), rows + " x " + cols + ", token " + i);
              }
            }
          }
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void scalarTwinAgreesWithDoublePrecision(WeightType type) {
    try (Arena arena = Arena.ofConfined()) {
      for (int cols : COLS) {
        if (cols % type.blockSize() == 0) {
          Matrix w = Samples.weights(arena, type, 9, cols, cols);
          FloatTensor decoded = Samples.decoded(arena, w);
          FloatTensor x = Samples.activations(arena, 2, cols, 3);
          FloatTensor out = FloatTensor.allocate(arena, 2, 9);
          scalar.multiply(w, x, 2, out, 0, 9);
          for (int i = 0; i < 2; i++) {
            for (int r = 0; r < 9; r++) {
              double sum = 0;
              double magnitude = 0;
              for (int c = 0; c < cols; c++) {
                double product = (double) decoded.get(r, c) * x.get(i, c);
                sum += product;
                magnitude += Math.abs(product);
              }
              assertEquals(sum, out.get(i, r), magnitude * 1e-6);
            }
          }
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void resultsDoNotDependOnHowRowsAndTokensAreSplit(WeightType type) {
    int rows = 37;
    int cols = Math.max(160, 2 * type.blockSize());
    try (Arena arena = Arena.ofConfined()) {
      Matrix w = Samples.weights(arena, type, rows, cols, 1);
      FloatTensor x = Samples.activations(arena, 11, cols, 2);
      FloatTensor whole = FloatTensor.allocate(arena, 11, rows);
      FloatTensor split = FloatTensor.allocate(arena, 11, rows);
      kernels.multiply(w, x, 11, whole, 0, rows);
      for (int cut = 0; cut <= rows; cut++) {
        kernels.multiply(w, x, 11, split, 0, cut);
        kernels.multiply(w, x, 11, split, cut, rows);
        for (int i = 0; i < 11; i++) {
          assertArrayEquals(whole.row(i), split.row(i));
        }
      }
      for (int i = 0; i < 11; i++) {
        FloatTensor one = FloatTensor.of(arena, x.row(i));
        FloatTensor alone = FloatTensor.allocate(arena, 1, rows);
        kernels.multiply(w, one, 1, alone, 0, rows);
        assertArrayEquals(whole.row(i), alone.row(0));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void storedFormDoesNotMatter(WeightType type) {
    try (Arena arena = Arena.ofConfined()) {
      for (int cols : new int[] {96, 1280}) {
        if (cols % type.blockSize() == 0) {
          Matrix w = Samples.weights(arena, type, 7, cols, 1);
          FloatTensor decoded = Samples.decoded(arena, w);
          Matrix plain = new Matrix(WeightType.F32, 7, cols, decoded.data());
          FloatTensor x = Samples.activations(arena, 6, cols, 2);
          for (int count : new int[] {1, 6}) {
            FloatTensor expected = FloatTensor.allocate(arena, 6, 7);
            FloatTensor actual = FloatTensor.allocate(arena, 6, 7);
            kernels.multiply(plain, x, count, expected, 0, 7);
            kernels.multiply(w, x, count, actual, 0, 7);
            for (int i = 0; i < 6; i++) {
              assertArrayEquals(expected.row(i), actual.row(i), cols + " columns, token " + i);
            }
          }
        }
      }
    }
  }

  /** More tokens than a strip of weights serves at a time, and rows that fill no tile. */
  @ParameterizedTest
  @EnumSource
  void aTokensResultDoesNotDependOnHowManyOthersThereAre(WeightType type) {
    int cols = type.blockSize() == 1 ? 37 : type.blockSize();
    int rows = 35;
    int count = 331;
    try (Arena arena = Arena.ofConfined()) {
      Matrix w = Samples.weights(arena, type, rows, cols, 1);
      FloatTensor x = Samples.activations(arena, count, cols, 2);
      FloatTensor together = FloatTensor.allocate(arena, count, rows);
      kernels.multiply(w, x, count, together, 0, rows);
      FloatTensor alone = FloatTensor.allocate(arena, 1, rows);
      for (int i = 0; i < count; i++) {
        kernels.multiply(w, FloatTensor.of(arena, x.row(i)), 1, alone, 0, rows);
        assertArrayEquals(alone.row(0), together.row(i), "token " + i);
      }
    }
  }

  @Test
  void everyFiniteF16IsExact() {
    try (Arena arena = Arena.ofConfined()) {
      int rows = 1 << Short.SIZE;
      Matrix w =
          new Matrix(
              WeightType.F16, rows, 16, arena.allocate(WeightType.F16.rowBytes(16) * rows, 64));
      for (int r = 0; r < rows; r++) {
        w.data().set(WeightCodec.SHORT, r * w.rowBytes() + 2L * (r % 16), (short) r);
      }
      FloatTensor x = FloatTensor.allocate(arena, 2, 16);
      for (int c = 0; c < 16; c++) {
        x.set(0, c, 1);
        x.set(1, c, 1);
      }
      for (int count = 1; count <= 2; count++) {
        FloatTensor out = FloatTensor.allocate(arena, count, rows);
        kernels.multiply(w, x, count, out, 0, rows);
        for (int r = 0; r < rows; r++) {
          float expected = Float.float16ToFloat((short) r);
          if (Float.isFinite(expected)) {
            assertEquals(expected, out.get(count - 1, r), 0f);
          }
        }
      }
    }
  }

  @Test
  void leavesOtherRowsAndTokensAlone() {
    try (Arena arena = Arena.ofConfined()) {
      Matrix w = Samples.weights(arena, WeightType.Q8_0, 10, 32, 1);
      FloatTensor x = Samples.activations(arena, 4, 32, 2);
      FloatTensor out = Samples.activations(arena, 4, 10, 3);
      FloatTensor before = Samples.activations(arena, 4, 10, 3);
      kernels.multiply(w, x, 3, out, 3, 8);
      for (int i = 0; i < 4; i++) {
        for (int r = 0; r < 10; r++) {
          if (i == 3 || r < 3 || r >= 8) {
            assertEquals(before.get(i, r), out.get(i, r));
          }
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void aRangeOfRowsIsAMatrixInTheSameMemory(WeightType type) {
    try (Arena arena = Arena.ofConfined()) {
      Matrix w = Samples.weights(arena, type, 11, 256, 1);
      FloatTensor x = Samples.activations(arena, 1, 256, 2);
      FloatTensor all = FloatTensor.allocate(arena, 1, 11);
      FloatTensor some = FloatTensor.allocate(arena, 1, 5);
      kernels.multiply(w, x, 1, all, 0, 11);
      kernels.multiply(w.rowRange(4, 9), x, 1, some, 0, 5);
      for (int r = 0; r < 5; r++) {
        assertEquals(all.get(0, 4 + r), some.get(0, r));
      }
      assertThrows(IndexOutOfBoundsException.class, () -> w.rowRange(4, 12));
    }
  }

  @Test
  void refusesShapesThatDoNotFit() {
    try (Arena arena = Arena.ofConfined()) {
      Matrix w = Samples.weights(arena, WeightType.F32, 4, 8, 1);
      FloatTensor x = FloatTensor.allocate(arena, 2, 8);
      FloatTensor out = FloatTensor.allocate(arena, 2, 4);
      FloatTensor narrow = FloatTensor.allocate(arena, 2, 3);
      assertThrows(IllegalArgumentException.class, () -> kernels.multiply(w, narrow, 1, out, 0, 4));
      assertThrows(IllegalArgumentException.class, () -> kernels.multiply(w, x, 1, narrow, 0, 4));
      assertThrows(IndexOutOfBoundsException.class, () -> kernels.multiply(w, x, 3, out, 0, 4));
      assertThrows(IndexOutOfBoundsException.class, () -> kernels.multiply(w, x, 1, out, 0, 5));
    }
  }
}
