package io.rivulet.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import org.junit.jupiter.api.Test;

/** A predictor's scores: rows of int8, laid out lane by row, times a token in int8. */
class ScoreTest {

  private static final int[] COLUMNS = {2, 6, 16, 30, 64, 128, 250, 1024};
  private static final int[] ROWS = {1, 15, 16, 17, 64, 75, 128, 200};

  private final Kernels kernels = KernelsUnderTest.select();

  @Test
  void isTheProductOfRoundedRowsAndActivationsPlusTheBias() {
    try (Arena arena = Arena.ofConfined()) {
      for (int cols : COLUMNS) {
        FloatTensor values = Samples.activations(arena, 75, cols, 1);
        float[] biases = Samples.activations(arena, 1, 75, 2).row(0);
        FloatTensor x = Samples.activations(arena, 2, cols, 3);
        FloatTensor out = FloatTensor.allocate(arena, 2, 75);
        kernels.score(LaneRows.of(arena, values, biases), x, 1, out, 0, 75);
        double[] rounded = rounded(x.row(1));
        for (int r = 0; r < 75; r++) {
          double[] weights = rounded(values.row(r));
          double sum = biases[r];
          double magnitudes = Math.abs(sum);
          for (int c = 0; c < cols; c++) {
            sum += weights[c] * rounded[c];
            magnitudes += Math.abs(weights[c] * rounded[c]);
          }
          assertEquals(sum, out.get(1, r), 1e-6 * magnitudes, cols + " columns, row " + r);
        }
      }
    }
  }

  /** Each value as the nearest of 255 that are evenly spread up to the largest magnitude. */
  private static double[] rounded(float[] values) {
    double largest = 0;
    for (float value : values) {
      largest = Math.max(largest, Math.abs(value));
    }
    double[] rounded = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      rounded[i] = Math.rint(values[i] * 127 / largest) * largest / 127;
    }
    return rounded;
  }

  @Test
  void agreesWithTheScalarTwinToTheBit() {
    try (Arena arena = Arena.ofConfined()) {
      for (int rows : ROWS) {
        for (int cols : COLUMNS) {
          LaneRows w = random(arena, rows, cols);
          FloatTensor x = Samples.activations(arena, 2, cols + 3, 3);
          FloatTensor expected = Samples.activations(arena, 2, rows + 2, 4);
          FloatTensor actual = Samples.activations(arena, 2, rows + 2, 4);
          Kernels.scalar().score(w, x, 1, expected, 0, rows);
          kernels.score(w, x, 1, actual, 0, rows);
          assertArrayEquals(expected.row(0), actual.row(0));
          assertArrayEquals(expected.row(1), actual.row(1), rows + " x " + cols);
        }
      }
    }
  }

  @Test
  void resultsDoNotDependOnHowRowsAreSplit() {
    int rows = 201;
    try (Arena arena = Arena.ofConfined()) {
      LaneRows w = random(arena, rows, 34);
      FloatTensor x = Samples.activations(arena, 1, 34, 3);
      FloatTensor whole = FloatTensor.allocate(arena, 1, rows);
      kernels.score(w, x, 0, whole, 0, rows);
      for (int cut = 0; cut < rows; cut += 16) {
        FloatTensor split = FloatTensor.allocate(arena, 1, rows);
        kernels.score(w, x, 0, split, cut, rows);
        for (int r = 0; r < cut; r++) {
          assertEquals(0, split.get(0, r));
        }
        kernels.score(w, x, 0, split, 0, cut);
        assertArrayEquals(whole.row(0), split.row(0));
      }
    }
  }

  /**
   * The largest products that codes can give, which must not overflow 16 bits, nor a float's 24.
   */
  @Test
  void theLargestCodesDoNotOverflow() {
    int cols = LaneRows.MOST_COLS;
    try (Arena arena = Arena.ofConfined()) {
      FloatTensor values = FloatTensor.allocate(arena, 2, cols);
      FloatTensor x = FloatTensor.allocate(arena, 1, cols);
      for (int c = 0; c < cols; c++) {
        values.set(0, c, 127);
        values.set(1, c, -127);
        x.set(0, c, -127);
      }
      FloatTensor out = FloatTensor.allocate(arena, 1, 2);
      kernels.score(LaneRows.of(arena, values, new float[] {1, 1}), x, 0, out, 0, 2);
      assertEquals(1 - 127f * 127 * cols, out.get(0, 0));
      assertEquals(1 + 127f * 127 * cols, out.get(0, 1));
    }
  }

  @Test
  void zerosGiveTheBiasAndWhatIsNotANumberGivesNoNumber() {
    try (Arena arena = Arena.ofConfined()) {
      FloatTensor values = Samples.activations(arena, 3, 20, 1);
      values.setRow(1, new float[20]);
      values.set(2, 1, Float.MIN_VALUE);
      LaneRows w = LaneRows.of(arena, values, new float[] {3, 4, 5});
      FloatTensor x = FloatTensor.allocate(arena, 4, 20);
      x.set(1, 7, 0x1p-140f);
      x.set(2, 19, Float.NaN);
      x.set(3, 0, Float.POSITIVE_INFINITY);
      FloatTensor out = FloatTensor.allocate(arena, 4, 3);
      for (int token = 0; token < 4; token++) {
        kernels.score(w, x, token, out, 0, 3);
      }
      assertArrayEquals(new float[] {3, 4, 5}, out.row(0));
      assertArrayEquals(new float[] {3, 4, 5}, out.row(1));
      for (int r = 0; r < 3; r++) {
        assertTrue(Float.isNaN(out.get(2, r)));
        assertTrue(Float.isNaN(out.get(3, r)));
      }
    }
  }

  /** 127 divided by them would be infinite. */
  @Test
  void tinyRowsCountAsZero() {
    try (Arena arena = Arena.ofConfined()) {
      FloatTensor values = FloatTensor.allocate(arena, 1, 4);
      values.set(0, 2, Float.MIN_VALUE);
      FloatTensor x = FloatTensor.of(arena, 1e30f, 1e30f, 1e30f, 1e30f);
      FloatTensor out = FloatTensor.allocate(arena, 1, 1);
      kernels.score(LaneRows.of(arena, values, new float[] {2}), x, 0, out, 0, 1);
      assertEquals(2, out.get(0, 0));
    }
  }

  @Test
  void takesAByteAWeightAndEightARow() {
    try (Arena arena = Arena.ofConfined()) {
      LaneRows w = random(arena, 64, 128);
      assertEquals(64, w.rows());
      assertEquals(128, w.cols());
      assertEquals(64 * (128 + 8), w.byteSize());
    }
  }

  @Test
  void refusesShapesThatDoNotFit() {
    try (Arena arena = Arena.ofConfined()) {
      LaneRows w = random(arena, 40, 8);
      FloatTensor x = FloatTensor.allocate(arena, 2, 8);
      FloatTensor narrow = FloatTensor.allocate(arena, 2, 7);
      FloatTensor out = FloatTensor.allocate(arena, 2, 40);
      assertThrows(IndexOutOfBoundsException.class, () -> kernels.score(w, x, 2, out, 0, 40));
      assertThrows(IndexOutOfBoundsException.class, () -> kernels.score(w, x, 0, out, 0, 48));
      assertThrows(IllegalArgumentException.class, () -> kernels.score(w, x, 0, out, 8, 40));
      assertThrows(IllegalArgumentException.class, () -> kernels.score(w, x, 0, out, 0, 39));
      assertThrows(IllegalArgumentException.class, () -> kernels.score(w, narrow, 0, out, 0, 40));
      assertThrows(IllegalArgumentException.class, () -> kernels.score(w, x, 0, narrow, 0, 40));
    }
  }

  @Test
  void refusesRowsThatCannotBeRounded() {
    try (Arena arena = Arena.ofConfined()) {
      FloatTensor odd = FloatTensor.allocate(arena, 2, 7);
      FloatTensor wide = FloatTensor.allocate(arena, 2, 1026);
      FloatTensor good = FloatTensor.allocate(arena, 2, 8);
      FloatTensor bad = FloatTensor.allocate(arena, 2, 8);
      bad.set(1, 3, Float.NaN);
      float[] biases = new float[2];
      assertThrows(IllegalArgumentException.class, () -> LaneRows.of(arena, odd, biases));
      assertThrows(IllegalArgumentException.class, () -> LaneRows.of(arena, wide, biases));
      assertThrows(IllegalArgumentException.class, () -> LaneRows.of(arena, good, new float[3]));
      var refusal =
          assertThrows(IllegalArgumentException.class, () -> LaneRows.of(arena, bad, biases));
      assertEquals("row 1 has a value that is not finite", refusal.getMessage());
    }
  }

  private static LaneRows random(Arena arena, int rows, int cols) {
    float[] biases = Samples.activations(arena, 1, rows, 2).row(0);
    return LaneRows.of(arena, Samples.activations(arena, rows, cols, 1), biases);
  }
}
