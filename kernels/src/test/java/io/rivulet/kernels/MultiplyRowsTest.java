package io.rivulet.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Products of some rows of a matrix with one token. */
class MultiplyRowsTest {

  private static final int ROWS = 75;
  private static final int TOKENS = 6;

  /** None, the first, the last, both, one of two, runs, some of random ones, and all. */
  private static final int[][] IDS = {
    {},
    {0},
    {ROWS - 1},
    {0, ROWS - 1},
    {3, 4, 5, 6, 7, 20, 22, 23, 24, 70},
    IntStream.range(0, ROWS).filter(id -> id % 2 == 1).toArray(),
    new Random(1).ints(0, ROWS).distinct().limit(33).sorted().toArray(),
    IntStream.range(0, ROWS).toArray(),
  };

  private final Kernels kernels = KernelsUnderTest.select();

  @ParameterizedTest
  @EnumSource
  void hasTheBitsOfTheWholeProductAndLeavesTheRestAlone(WeightType type) {
    try (Arena arena = Arena.ofConfined()) {
      for (int cols : new int[] {5, 16, 37, 96, 256, 1280}) {
        if (cols % type.blockSize() == 0) {
          Matrix w = Samples.weights(arena, type, ROWS, cols, cols);
          FloatTensor x = Samples.activations(arena, 3, cols, 2);
          FloatTensor whole = FloatTensor.allocate(arena, 3, ROWS);
          Kernels.scalar().multiply(w, x, 3, whole, 0, ROWS);
          for (int[] ids : IDS) {
            FloatTensor out = Samples.activations(arena, 3, ROWS, 3);
            kernels.multiplyRows(w, x, 1, ids, 0, ids.length, out);
            assertRows(whole, ids, out);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void sharedRowsHaveTheBitsOfTheWholeProduct(WeightType type) {
    try (Arena arena = Arena.ofConfined()) {
      for (int cols : new int[] {5, 37, 96, 256, 1280}) {
        if (cols % type.blockSize() == 0) {
          Matrix w = Samples.weights(arena, type, ROWS, cols, cols);
          FloatTensor x = Samples.activations(arena, TOKENS, cols, 2);
          FloatTensor whole = FloatTensor.allocate(arena, TOKENS, ROWS);
          Kernels.scalar().multiply(w, x, TOKENS, whole, 0, ROWS);
          for (int[] ids : IDS) {
            for (int count : new int[] {1, 3, TOKENS}) {
              FloatTensor out = Samples.activations(arena, TOKENS, ROWS, 3);
              kernels.multiplySharedRows(w, x, count, ids, 0, ids.length, out);
              assertSharedRows(whole, count, ids, out);
            }
          }
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"Q8_0", "Q4_0"})
  void sharedRowsHaveTheBitsOfTheWholePackedProduct(WeightType type) {
    try (Arena arena = Arena.ofShared()) {
      for (int cols : new int[] {32, 544, 1696}) {
        PackedMatrix w = PackedMatrix.of(Samples.randomBlocks(arena, type, ROWS, cols, 1), arena);
        ActivationCodes x = codes(arena, Samples.activations(arena, TOKENS, cols, 2));
        FloatTensor whole = FloatTensor.allocate(arena, TOKENS, ROWS);
        Kernels.scalar().multiply(w, x, TOKENS, whole, 0, ROWS);
        for (int[] ids : IDS) {
          for (int count : new int[] {1, 3, TOKENS}) {
            FloatTensor out = Samples.activations(arena, TOKENS, ROWS, 3);
            kernels.multiplySharedRows(w, x, count, ids, 0, ids.length / 2, out);
            kernels.multiplySharedRows(w, x, count, ids, ids.length / 2, ids.length, out);
            assertSharedRows(whole, count, ids, out);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"Q8_0", "Q4_0"})
  void hasTheBitsOfTheWholePackedProductAndLeavesTheRestAlone(WeightType type) {
    try (Arena arena = Arena.ofShared()) {
      for (int cols : new int[] {32, 96, 512, 544, 1696}) {
        PackedMatrix w = PackedMatrix.of(Samples.randomBlocks(arena, type, ROWS, cols, 1), arena);
        ActivationCodes x = codes(arena, Samples.activations(arena, 3, cols, 2));
        FloatTensor whole = FloatTensor.allocate(arena, 3, ROWS);
        Kernels.scalar().multiply(w, x, 3, whole, 0, ROWS);
        for (int[] ids : IDS) {
          FloatTensor out = Samples.activations(arena, 3, ROWS, 3);
          kernels.multiplyRows(w, x, 1, ids, 0, ids.length, out);
          assertRows(whole, ids, out);
        }
      }
    }
  }

  /** As several threads share the ids. */
  @ParameterizedTest
  @EnumSource(names = {"F32", "F16", "BF16", "Q8_0", "Q4_0"})
  void takesTheIdsOfARange(WeightType type) {
    int[] ids = IDS[6];
    try (Arena arena = Arena.ofConfined()) {
      Matrix w = Samples.weights(arena, type, ROWS, 96, 1);
      FloatTensor x = Samples.activations(arena, 3, 96, 2);
      FloatTensor whole = FloatTensor.allocate(arena, 3, ROWS);
      kernels.multiply(w, x, 3, whole, 0, ROWS);
      for (int from = 0; from < ids.length; from += 5) {
        for (int to = from; to <= ids.length; to += 7) {
          FloatTensor out = Samples.activations(arena, 3, ROWS, 3);
          kernels.multiplyRows(w, x, 1, ids, from, to, out);
          assertRows(whole, Arrays.copyOfRange(ids, from, to), out);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"Q8_0", "Q4_0"})
  void takesTheIdsOfARangeForPackedRows(WeightType type) {
    int[] ids = IDS[6];
    try (Arena arena = Arena.ofShared()) {
      PackedMatrix w = PackedMatrix.of(Samples.weights(arena, type, ROWS, 96, 1), arena);
      ActivationCodes x = codes(arena, Samples.activations(arena, 3, 96, 2));
      FloatTensor whole = FloatTensor.allocate(arena, 3, ROWS);
      kernels.multiply(w, x, 3, whole, 0, ROWS);
      for (int from = 0; from < ids.length; from += 5) {
        for (int to = from; to <= ids.length; to += 7) {
          FloatTensor out = Samples.activations(arena, 3, ROWS, 3);
          kernels.multiplyRows(w, x, 1, ids, from, to, out);
          assertRows(whole, Arrays.copyOfRange(ids, from, to), out);
        }
      }
    }
  }

  @Test
  void refusesIdsAndShapesThatDoNotFit() {
    try (Arena arena = Arena.ofShared()) {
      Matrix w = Samples.weights(arena, WeightType.Q8_0, 4, 64, 1);
      PackedMatrix packed = PackedMatrix.of(w, arena);
      FloatTensor x = FloatTensor.allocate(arena, 2, 64);
      ActivationCodes codes = ActivationCodes.allocate(arena, 2, 64);
      FloatTensor narrow = FloatTensor.allocate(arena, 2, 3);
      FloatTensor out = Samples.activations(arena, 2, 4, 1);
      float[] before = out.row(1);
      for (int[] ids : new int[][] {{1, 4}, {-1, 0}, {2, 1}, {1, 1}, {1}}) {
        refuses(() -> kernels.multiplyRows(w, x, 1, ids, 0, 2, out));
        refuses(() -> kernels.multiplyRows(packed, codes, 1, ids, 0, 2, out));
        refuses(() -> kernels.multiplySharedRows(w, x, 2, ids, 0, 2, out));
        refuses(() -> kernels.multiplySharedRows(packed, codes, 2, ids, 0, 2, out));
      }
      int[] ids = {0, 1};
      refuses(() -> kernels.multiplyRows(w, x, 2, ids, 0, 2, out));
      refuses(() -> kernels.multiplyRows(w, x, 1, ids, 1, 0, out));
      refuses(() -> kernels.multiplyRows(w, x, 1, ids, 0, 2, narrow));
      refuses(() -> kernels.multiplyRows(w, narrow, 1, ids, 0, 2, out));
      refuses(() -> kernels.multiplyRows(packed, codes, 2, ids, 0, 2, out));
      refuses(() -> kernels.multiplyRows(packed, codes, 1, ids, -1, 2, out));
      refuses(() -> kernels.multiplyRows(packed, codes, 1, ids, 0, 2, narrow));
      ActivationCodes few = ActivationCodes.allocate(arena, 2, 32);
      refuses(() -> kernels.multiplyRows(packed, few, 1, ids, 0, 2, out));
      refuses(() -> kernels.multiplySharedRows(w, x, 3, ids, 0, 2, out));
      refuses(() -> kernels.multiplySharedRows(w, narrow, 2, ids, 0, 2, out));
      refuses(() -> kernels.multiplySharedRows(w, x, 2, ids, 0, 2, narrow));
      refuses(() -> kernels.multiplySharedRows(packed, codes, 3, ids, 0, 2, out));
      refuses(() -> kernels.multiplySharedRows(packed, few, 2, ids, 0, 2, out));
      refuses(() -> kernels.multiplySharedRows(packed, codes, 2, ids, 0, 2, narrow));
      assertArrayEquals(before, out.row(1));
    }
  }

  private static void refuses(Runnable call) {
    RuntimeException refusal = assertThrows(RuntimeException.class, call::run);
    boolean expected =
        refusal instanceof IllegalArgumentException || refusal instanceof IndexOutOfBoundsException;
    assertTrue(expected, refusal::toString);
  }

  private ActivationCodes codes(Arena arena, FloatTensor x) {
    ActivationCodes codes = ActivationCodes.allocate(arena, x.rows(), x.cols());
    for (int token = 0; token < x.rows(); token++) {
      kernels.quantize(x, token, codes);
    }
    return codes;
  }

  /** The first tokens' rows are those of the whole product, all else is as it was. */
  private static void assertSharedRows(FloatTensor whole, int count, int[] ids, FloatTensor out) {
    try (Arena arena = Arena.ofConfined()) {
      FloatTensor expected = Samples.activations(arena, TOKENS, ROWS, 3);
      for (int token = 0; token < count; token++) {
        for (int id : ids) {
          expected.set(token, id, whole.get(token, id));
        }
      }
      for (int token = 0; token < TOKENS; token++) {
        assertArrayEquals(expected.row(token), out.row(token), "token " + token);
      }
    }
  }

  /** The middle token's rows are those of the whole product, all else is as it was. */
  private static void assertRows(FloatTensor whole, int[] ids, FloatTensor out) {
    try (Arena arena = Arena.ofConfined()) {
      FloatTensor expected = Samples.activations(arena, 3, ROWS, 3);
      for (int id : ids) {
        expected.set(1, id, whole.get(1, id));
      }
      for (int token = 0; token < 3; token++) {
        assertArrayEquals(expected.row(token), out.row(token), "token " + token);
      }
    }
  }
}
