package io.rivulet.kernels;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Products of packed weights with activations in int8. */
class PackedMultiplyTest {

  /** Whole groups, each kind of what may be left of a row, and several at once. */
  private static final int[] COLUMNS = {32, 64, 96, 128, 256, 480, 512, 544, 1024, 1696};

  private final Kernels kernels = KernelsUnderTest.select();

  @ParameterizedTest
  @EnumSource(names = {"Q8_0", "Q4_0"})
  void isTheProductOfWhatCodesAndScalesStandFor(WeightType type) {
    for (int cols : COLUMNS) {
      try (Arena arena = Arena.ofConfined()) {
        Matrix stored = Samples.randomBlocks(arena, type, 5, cols, 1);
        FloatTensor weights = Samples.decoded(arena, stored);
        FloatTensor x = Samples.activations(arena, 1, cols, 2);
        FloatTensor out = product(arena, PackedMatrix.of(stored, Arena.ofAuto()), x, 1);
        for (int r = 0; r < 5; r++) {
          double sum = 0;
          double magnitudes = 0;
          for (int c = 0; c < cols; c++) {
            double term = weights.get(r, c) * rounded(x, c);
            sum += term;
            magnitudes += Math.abs(term);
          }
          assertEquals(sum, out.get(0, r), 1e-6 * magnitudes, cols + " columns, row " + r);
        }
      }
    }
  }

  /** The activation as the nearest of 255 values that its block may have. */
  private static double rounded(FloatTensor x, int c) {
    double largest = 0;
    for (int i = c / 32 * 32; i < c / 32 * 32 + 32; i++) {
      largest = Math.max(largest, Math.abs((double) x.get(0, i)));
    }
    return Math.rint(x.get(0, c) * 127 / largest) * largest / 127;
  }

  @ParameterizedTest
  @EnumSource(names = {"Q8_0", "Q4_0"})
  void allImplementationsGiveTheSameBits(WeightType type) {
    for (int cols : COLUMNS) {
      for (int rows : new int[] {1, 7, 55}) {
        try (Arena arena = Arena.ofConfined()) {
          PackedMatrix w =
              PackedMatrix.of(Samples.randomBlocks(arena, type, rows, cols, 1), Arena.ofAuto());
          FloatTensor x = Samples.activations(arena, 7, cols, 2);
          for (int count : new int[] {1, 2, 3, 4, 7}) {
            FloatTensor expected = product(Kernels.scalar(), arena, w, x, count);
            FloatTensor actual = product(arena, w, x, count);
            for (int i = 0; i < count; i++) {
              assertArrayEquals(expected.row(i), actual.row(i), cols + " columns, token " + i);
            }
          }
        }
      }
    }
  }

  /** More tokens than a strip of weights serves at a time, and rows that fill no tile. */
  @ParameterizedTest
  @EnumSource(names = {"Q8_0", "Q4_0"})
  void aTokensResultDoesNotDependOnHowManyOthersThereAre(WeightType type) {
    int count = 331;
    try (Arena arena = Arena.ofConfined()) {
      PackedMatrix w =
          PackedMatrix.of(Samples.randomBlocks(arena, type, 35, 608, 1), Arena.ofAuto());
      FloatTensor x = Samples.activations(arena, count, 608, 2);
      FloatTensor together = product(arena, w, x, count);
      for (int i = 0; i < count; i++) {
        FloatTensor alone = product(arena, w, FloatTensor.of(arena, x.row(i)), 1);
        assertArrayEquals(alone.row(0), together.row(i), "token " + i);
      }
    }
  }

  /** The largest products that codes can give, which must not overflow 16 bits. */
  @Test
  void theLargestCodesDoNotOverflow() {
    try (Arena arena = Arena.ofConfined()) {
      int cols = 512;
      Matrix stored = Samples.randomBlocks(arena, WeightType.Q8_0, 1, cols, 1);
      for (int block = 0; block < cols / 32; block++) {
        long at = block * 34L;
        stored.data().set(WeightCodec.SHORT, at, Float.floatToFloat16(1));
        stored.data().asSlice(at + 2, 32).fill((byte) -128);
      }
      FloatTensor x = FloatTensor.allocate(arena, 3, cols);
      for (int c = 0; c < cols; c++) {
        x.set(0, c, -127);
        x.set(1, c, 127);
        x.set(2, c, c % 2 == 0 ? 127 : -127);
      }
      PackedMatrix w = PackedMatrix.of(stored, Arena.ofAuto());
      float[] expected = {127f * 128 * cols, -127f * 128 * cols, 0};
      for (int token = 0; token < 3; token++) {
        FloatTensor one = FloatTensor.of(arena, x.row(token));
        assertEquals(expected[token], product(arena, w, one, 1).get(0, 0));
        assertEquals(expected[token], product(arena, w, x, 3).get(token, 0));
      }
    }
  }

  @Test
  void everyFiniteScaleIsExact() {
    try (Arena arena = Arena.ofShared()) {
      int rows = 1 << Short.SIZE;
      Matrix stored =
          new Matrix(
              WeightType.Q8_0, rows, 32, arena.allocate(WeightType.Q8_0.rowBytes(32) * rows));
      for (int r = 0; r < rows; r++) {
        stored.data().set(WeightCodec.SHORT, r * stored.rowBytes(), (short) r);
        stored.data().set(JAVA_BYTE, r * stored.rowBytes() + 2, (byte) 1);
      }
      FloatTensor x = FloatTensor.allocate(arena, 2, 32);
      x.set(0, 0, 127);
      x.set(1, 0, 127);
      PackedMatrix w = PackedMatrix.of(stored, Arena.ofAuto());
      for (int count = 1; count <= 2; count++) {
        FloatTensor out = product(arena, w, x, count);
        for (int r = 0; r < rows; r++) {
          float scale = Float.float16ToFloat((short) r);
          if (Float.isFinite(scale)) {
            assertEquals(127 * scale, out.get(count - 1, r), 0f);
          }
        }
      }
    }
  }

  @Test
  void zerosGiveZeroAndWhatIsNotANumberGivesNoNumber() {
    try (Arena arena = Arena.ofConfined()) {
      PackedMatrix w =
          PackedMatrix.of(Samples.weights(arena, WeightType.Q8_0, 3, 64, 1), Arena.ofAuto());
      FloatTensor x = FloatTensor.allocate(arena, 3, 64);
      x.set(1, 40, Float.NaN);
      x.set(2, 3, Float.POSITIVE_INFINITY);
      FloatTensor out = product(arena, w, x, 3);
      for (int r = 0; r < 3; r++) {
        assertEquals(0, out.get(0, r));
        assertTrue(Float.isNaN(out.get(1, r)));
        assertTrue(Float.isNaN(out.get(2, r)));
      }
    }
  }

  @Test
  void leavesOtherRowsAndTokensAlone() {
    try (Arena arena = Arena.ofConfined()) {
      PackedMatrix w =
          PackedMatrix.of(Samples.weights(arena, WeightType.Q8_0, 10, 32, 1), Arena.ofAuto());
      ActivationCodes x = codes(kernels, arena, Samples.activations(arena, 4, 32, 2), 4);
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

  @Test
  void refusesShapesThatDoNotFit() {
    try (Arena arena = Arena.ofConfined()) {
      Matrix stored = Samples.weights(arena, WeightType.Q8_0, 4, 64, 1);
      PackedMatrix w = PackedMatrix.of(stored, Arena.ofAuto());
      ActivationCodes x = ActivationCodes.allocate(arena, 2, 64);
      ActivationCodes narrow = ActivationCodes.allocate(arena, 2, 32);
      FloatTensor out = FloatTensor.allocate(arena, 2, 4);
      assertThrows(IllegalArgumentException.class, () -> kernels.multiply(w, narrow, 1, out, 0, 4));
      assertThrows(IndexOutOfBoundsException.class, () -> kernels.multiply(w, x, 3, out, 0, 4));
      assertThrows(IndexOutOfBoundsException.class, () -> kernels.multiply(w, x, 1, out, 0, 5));
      FloatTensor few = FloatTensor.allocate(arena, 2, 3);
      assertThrows(IllegalArgumentException.class, () -> kernels.multiply(w, x, 1, few, 0, 4));
      assertThrows(IllegalArgumentException.class, () -> kernels.quantize(few, 0, x));
      assertThrows(IllegalArgumentException.class, () -> ActivationCodes.allocate(arena, 1, 33));
      Matrix other = Samples.weights(arena, WeightType.F16, 4, 64, 1);
      assertThrows(IllegalArgumentException.class, () -> PackedMatrix.of(other, arena));
    }
  }

  private FloatTensor product(Arena arena, PackedMatrix w, FloatTensor x, int count) {
    return product(kernels, arena, w, x, count);
  }

  private static FloatTensor product(
      Kernels kernels, Arena arena, PackedMatrix w, FloatTensor x, int count) {
    FloatTensor out = FloatTensor.allocate(arena, count, w.rows());
    kernels.multiply(w, codes(kernels, arena, x, count), count, out, 0, w.rows());
    return out;
  }

  private static ActivationCodes codes(Kernels kernels, Arena arena, FloatTensor x, int count) {
    ActivationCodes codes = ActivationCodes.allocate(arena, count, x.cols());
    for (int token = 0; token < count; token++) {
      kernels.quantize(x, token, codes);
    }
    return codes;
  }
}
