package io.rivulet.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class AttentionTest {

  private final Kernels kernels = KernelsUnderTest.select();
  private final Kernels scalar = new ScalarKernels();

  /**
   * Rows of one sequence.
   *
   * @param window 0 for none
   */
  record Shape(
      KeyValueType type, int position, int rows, int sharing, int headSize, int window, float cap) {

    AttentionRule rule() {
      return new AttentionRule(sharing, window, 0.25f, cap);
    }

    int columns() {
      return HEADS * sharing * headSize;
    }

    int blockCount() {
      return Math.ceilDiv(position + rows, KeyValueBlocks.POSITIONS);
    }

    /** Neither in order nor side by side. */
    int[] blocks() {
      return IntStream.range(0, blockCount()).map(i -> 2 * (blockCount() - 1 - i)).toArray();
    }
  }

  private static final int HEADS = 2;

  static List<Shape> shapes() {
    return List.of(
        new Shape(KeyValueType.F32, 0, 1, 1, 64, 0, 0),
        new Shape(KeyValueType.F32, 0, 40, 1, 64, 0, 0),
        new Shape(KeyValueType.F32, 31, 3, 1, 48, 0, 2),
        new Shape(KeyValueType.F32, 300, 5, 4, 64, 0, 0),
        new Shape(KeyValueType.F32, 120, 20, 3, 80, 0, 50),
        new Shape(KeyValueType.F32, 250, 33, 1, 20, 0, 0.5f),
        new Shape(KeyValueType.F32, 255, 2, 8, 128, 0, 0),
        new Shape(KeyValueType.F32, 5, 4, 5, 7, 3, 1),
        new Shape(KeyValueType.F32, 140, 40, 1, 64, 9, 0),
        new Shape(KeyValueType.F32, 600, 7, 2, 96, 130, 0),
        new Shape(KeyValueType.F32, 127, 2, 6, 40, 1, 0),
        new Shape(KeyValueType.F16, 0, 40, 1, 64, 0, 0),
        new Shape(KeyValueType.F16, 300, 5, 4, 20, 0, 2),
        new Shape(KeyValueType.F16, 600, 7, 2, 7, 130, 0),
        new Shape(KeyValueType.Q8_0, 0, 40, 1, 32, 0, 0),
        new Shape(KeyValueType.Q8_0, 300, 5, 4, 96, 0, 2),
        new Shape(KeyValueType.Q8_0, 600, 7, 2, 64, 130, 0));
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void agreesWithTheScalarTwinToTheBit(Shape shape) {
    try (Arena arena = Arena.ofConfined()) {
      FloatTensor expected = attend(arena, scalar, shape, shape.rows(), shape.blocks());
      FloatTensor actual = attend(arena, kernels, shape, shape.rows(), shape.blocks());
      assertSameRows(shape, expected, actual);
    }
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void aRowAloneGivesTheSameBits(Shape shape) {
    try (Arena arena = Arena.ofConfined()) {
      FloatTensor expected = attend(arena, kernels, shape, shape.rows(), shape.blocks());
      assertSameRows(shape, expected, attend(arena, kernels, shape, 1, shape.blocks()));
      assertSameRows(shape, expected, attend(arena, kernels, shape, 3, shape.blocks()));
    }
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void otherBlocksGiveTheSameBits(Shape shape) {
    try (Arena arena = Arena.ofConfined()) {
      int[] inOrder = IntStream.range(0, shape.blockCount()).toArray();
      FloatTensor expected = attend(arena, kernels, shape, shape.rows(), shape.blocks());
      assertSameRows(shape, expected, attend(arena, kernels, shape, shape.rows(), inOrder));
    }
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void agreesWithDoublePrecision(Shape shape) {
    try (Arena arena = Arena.ofConfined()) {
      FloatTensor out = attend(arena, kernels, shape, shape.rows(), shape.blocks());
      FloatTensor queries = Samples.activations(arena, shape.rows(), shape.columns(), 1);
      int positions = shape.position() + shape.rows();
      FloatTensor keys = Samples.activations(arena, positions, HEADS * shape.headSize(), 2);
      FloatTensor values = Samples.activations(arena, positions, HEADS * shape.headSize(), 3);
      for (int row = 0; row < shape.rows(); row++) {
        for (int head = 0; head < HEADS * shape.sharing(); head++) {
          int column = head * shape.headSize();
          double[] found = reference(shape, queries, row, head, keys, values);
          for (int c = 0; c < shape.headSize(); c++) {
            assertEquals(found[c], out.get(row, column + c), tolerance(shape.type()));
          }
        }
      }
    }
  }

  /** Scores come from keys of about 1 and their sums, and spread the loss. */
  private static double tolerance(KeyValueType type) {
    return switch (type) {
      case F32 -> 1e-5;
      case F16 -> 3e-3;
      case Q8_0 -> 0.05;
    };
  }

  private static double[] reference(
      Shape shape, FloatTensor queries, int row, int head, FloatTensor keys, FloatTensor values) {
    int column = head / shape.sharing() * shape.headSize();
    int position = shape.position() + row;
    int first = shape.window() == 0 ? 0 : Math.max(0, position + 1 - shape.window());
    double[] found = new double[shape.headSize()];
    double total = 0;
    for (int p = first; p <= position; p++) {
      double dot = 0;
      for (int c = 0; c < shape.headSize(); c++) {
        dot += (double) queries.get(row, head * shape.headSize() + c) * keys.get(p, column + c);
      }
      double score = dot * 0.25f;
      double weight =
          Math.exp(shape.cap() > 0 ? shape.cap() * Math.tanh(score / shape.cap()) : score);
      total += weight;
      for (int c = 0; c < shape.headSize(); c++) {
        found[c] += weight * values.get(p, column + c);
      }
    }
    for (int c = 0; c < shape.headSize(); c++) {
      found[c] /= total;
    }
    return found;
  }

  @ParameterizedTest
  @EnumSource
  void numbersAreStoredToTheNearestThatTheTypeHas(KeyValueType type) {
    int size = 64;
    float[] numbers = {0, 1, -1, 0.1f, 65504, -0.5f, 1e-6f, 1e-9f, 70000, -1e30f, 3.14159f};
    try (Arena arena = Arena.ofConfined()) {
      FloatTensor row = FloatTensor.allocate(arena, 1, size);
      KeyValueBlocks cache = KeyValueBlocks.allocate(arena, type, 2, 1, size);
      FloatTensor query = FloatTensor.allocate(arena, 1, size);
      FloatTensor out = FloatTensor.allocate(arena, 1, size);
      AttentionRule itself = new AttentionRule(1, 1, 1, 0);
      for (float number : numbers) {
        row.set(0, 37, number);
        cache.store(1, 5, row, row, 0);
        kernels.attend(itself, query, 0, 1, cache, 0, new int[] {1}, 5, out);
        float expected =
            switch (type) {
              case F32 -> number;
              case F16 -> Float.float16ToFloat(Float.floatToFloat16(clamp(number)));
              case Q8_0 -> q8(number);
            };
        assertEquals(expected, out.get(0, 37), "of " + number);
        assertEquals(0, out.get(0, 36));
      }
    }
  }

  private static float clamp(float number) {
    return Math.clamp(number, -65504f, 65504f);
  }

  /** A number whose neighbours are 0 has the largest code. */
  private static float q8(float number) {
    float scale = Float.float16ToFloat(Float.floatToFloat16(clamp(Math.abs(number) / 127)));
    return scale == 0 ? 0 : Math.clamp(Math.round(number / scale), -127, 127) * scale;
  }

  @Test
  void headsThatDoNotDivideByTheGroupAreNotStoredInQ8() {
    try (Arena arena = Arena.ofConfined()) {
      var e =
          assertThrows(
              IllegalArgumentException.class,
              () -> KeyValueBlocks.allocate(arena, KeyValueType.Q8_0, 2, 1, 80));
      assertTrue(e.getMessage().contains("have 80: use F16 or F32"), e.getMessage());
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
      FloatTensor q = FloatTensor.allocate(arena, 2, 16);
      FloatTensor out = FloatTensor.allocate(arena, 2, 16);
      KeyValueBlocks cache = KeyValueBlocks.allocate(arena, KeyValueType.F32, 2, 1, 16);
      AttentionRule rule = new AttentionRule(1, 0, 1, 0);
      int[] one = {0};
      assertThrows(
          IndexOutOfBoundsException.class,
          () -> kernels.attend(rule, q, 0, 2, cache, 0, one, 31, out));
      assertThrows(
          IndexOutOfBoundsException.class,
          () -> kernels.attend(rule, q, 0, 1, cache, 0, new int[] {2}, 0, out));
      assertThrows(
          IndexOutOfBoundsException.class,
          () -> kernels.attend(rule, q, 1, 2, cache, 0, one, 0, out));
      assertThrows(
          IndexOutOfBoundsException.class,
          () -> kernels.attend(new AttentionRule(2, 0, 1, 0), q, 0, 1, cache, 0, one, 0, out));
      assertThrows(
          IllegalArgumentException.class,
          () -> kernels.attend(rule, q, 0, 0, cache, 0, one, 0, out));
      assertThrows(IllegalArgumentException.class, () -> new AttentionRule(0, 0, 1, 0));
      assertThrows(IllegalArgumentException.class, () -> new AttentionRule(1, 0, 1, -1));
      FloatTensor scores = FloatTensor.allocate(arena, 1, 4);
      assertThrows(
          IllegalArgumentException.class,
          () -> kernels.rope(RopeLayout.HALVES, q, 0, 0, 3, scores, 0));
    }
  }

  /** All heads, so many rows at a time. */
  private static FloatTensor attend(
      Arena arena, Kernels kernels, Shape shape, int atATime, int[] blocks) {
    int positions = shape.position() + shape.rows();
    FloatTensor queries = Samples.activations(arena, shape.rows(), shape.columns(), 1);
    FloatTensor keys = Samples.activations(arena, positions, HEADS * shape.headSize(), 2);
    FloatTensor values = Samples.activations(arena, positions, HEADS * shape.headSize(), 3);
    KeyValueBlocks cache =
        KeyValueBlocks.allocate(
            arena, shape.type(), 2 * shape.blockCount(), HEADS, shape.headSize());
    for (int p = 0; p < positions; p++) {
      int block = blocks[p / KeyValueBlocks.POSITIONS];
      cache.store(block, p % KeyValueBlocks.POSITIONS, keys, values, p);
    }
    FloatTensor out = FloatTensor.allocate(arena, shape.rows(), shape.columns());
    for (int row = 0; row < shape.rows(); row += atATime) {
      int rows = Math.min(atATime, shape.rows() - row);
      int position = shape.position() + row;
      for (int head = 0; head < HEADS; head++) {
        kernels.attend(shape.rule(), queries, row, rows, cache, head, blocks, position, out);
      }
    }
    return out;
  }

  private static void assertSameRows(Shape shape, FloatTensor expected, FloatTensor actual) {
    for (int row = 0; row < shape.rows(); row++) {
      assertArrayEquals(expected.row(row), actual.row(row));
    }
  }
}
