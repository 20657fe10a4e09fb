package io.rivulet.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The down projection of several tokens at once, of which some have all neurons active. */
class SparseBatchTest {

  private static final int NEURONS = 512;

  private final Kernels kernels = KernelsUnderTest.select();
  private final Kernels scalar = new ScalarKernels();

  /** Activations and which of them to sum. */
  private static final class Active {

    private final FloatTensor activations;
    private final int[][] ids;
    private final int[] counts;

    Active(FloatTensor activations, int[][] ids, int[] counts) {
      this.activations = activations;
      this.ids = ids;
      this.counts = counts;
    }

    int tokens() {
      return counts.length;
    }

    FloatTensor sum(Kernels kernels, Arena arena, NeuronRows w) {
      FloatTensor out = Samples.activations(arena, tokens() + 1, w.cols(), 6);
      kernels.accumulateRows(w, activations, tokens(), ids, counts, out, 0, w.cols());
      return out;
    }

    /** The same with all neurons of all tokens. */
    Active all() {
      int[] every = IntStream.range(0, NEURONS).toArray();
      int[][] ids = IntStream.range(0, tokens()).mapToObj(token -> every).toArray(int[][]::new);
      int[] counts = IntStream.range(0, tokens()).map(token -> NEURONS).toArray();
      return new Active(activations, ids, counts);
    }
  }

  /** Token by token none, a few, many, then for several tokens all neurons. */
  private Active active(Arena arena, int tokens) {
    FloatTensor a = FloatTensor.allocate(arena, tokens, NEURONS);
    int[][] ids = new int[tokens][NEURONS];
    int[] counts = new int[tokens];
    for (int token = 0; token < tokens; token++) {
      double zeros = Math.max(0, 1 - 0.3 * token * token);
      a.setRow(token, Samples.sparse(arena, 1, NEURONS, zeros, token).row(0));
      counts[token] = kernels.nonZero(a, token, 0, NEURONS, ids[token], 0);
    }
    return new Active(a, ids, counts);
  }

  @ParameterizedTest
  @EnumSource
  void agreesWithTheScalarTwinToTheBit(WeightType type) {
    try (Arena arena = Arena.ofShared()) {
      for (int cols : new int[] {3, 32, 165, 1100}) {
        NeuronRows w = NeuronRows.of(Samples.weights(arena, type, cols, NEURONS, 1), arena);
        for (int tokens : new int[] {2, 3, 7, 12}) {
          Active active = active(arena, tokens);
          FloatTensor expected = active.sum(scalar, arena, w);
          FloatTensor actual = active.sum(kernels, arena, w);
          for (int row = 0; row <= tokens; row++) {
            assertArrayEquals(expected.row(row), actual.row(row));
          }
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "F16", "BF16", "Q8_0", "Q4_0", "Q4_K"})
  void leavingOutZerosChangesNothing(WeightType type) {
    try (Arena arena = Arena.ofShared()) {
      NeuronRows w = NeuronRows.of(Samples.weights(arena, type, 160, NEURONS, 1), arena);
      Active active = active(arena, 9);
      FloatTensor sparse = active.sum(kernels, arena, w);
      FloatTensor dense = active.all().sum(kernels, arena, w);
      for (int token = 0; token < active.tokens(); token++) {
        assertArrayEquals(dense.row(token), sparse.row(token));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "F16", "BF16", "Q8_0", "Q4_0", "Q4_K"})
  void resultsDoNotDependOnBatchOrOnHowColumnsAreSplit(WeightType type) {
    int cols = 261;
    try (Arena arena = Arena.ofShared()) {
      NeuronRows w = NeuronRows.of(Samples.weights(arena, type, cols, NEURONS, 1), arena);
      Active active = active(arena, 8);
      FloatTensor whole = active.sum(kernels, arena, w);
      for (int tokens : new int[] {1, 5, 8}) {
        for (int cut : new int[] {0, 32, 160, 256}) {
          FloatTensor split = FloatTensor.allocate(arena, tokens, cols);
          FloatTensor a = active.activations;
          kernels.accumulateRows(w, a, tokens, active.ids, active.counts, split, 0, cut);
          kernels.accumulateRows(w, a, tokens, active.ids, active.counts, split, cut, cols);
          for (int token = 0; token < tokens; token++) {
            assertArrayEquals(whole.row(token), split.row(token));
          }
        }
      }
    }
  }

  @Test
  void agreesWithDoublePrecision() {
    try (Arena arena = Arena.ofShared()) {
      Matrix down = Samples.weights(arena, WeightType.Q8_0, 100, NEURONS, 1);
      FloatTensor stored = Samples.decoded(arena, down);
      Active active = active(arena, 9);
      FloatTensor out = active.sum(kernels, arena, NeuronRows.of(down, arena));
      for (int token = 0; token < active.tokens(); token++) {
        for (int c = 0; c < 100; c++) {
          double sum = 0;
          for (int neuron = 0; neuron < NEURONS; neuron++) {
            sum += (double) active.activations.get(token, neuron) * stored.get(c, neuron);
          }
          assertEquals(sum, out.get(token, c), 1e-5);
        }
      }
    }
  }

  @Test
  void refusesTokensAndIdsThatDoNotFit() {
    try (Arena arena = Arena.ofConfined()) {
      Matrix w = Samples.weights(arena, WeightType.F16, 4, 64, 1);
      FloatTensor a = FloatTensor.allocate(arena, 2, 4);
      FloatTensor out = FloatTensor.allocate(arena, 2, 64);
      int[][] ids = {{0, 1, 3}, {1, 4, 3}};
      assertThrows(
          IndexOutOfBoundsException.class,
          () -> kernels.accumulateRows(w, a, 2, ids, new int[] {3, 2}, out, 0, 64));
      assertThrows(
          IllegalArgumentException.class,
          () -> kernels.accumulateRows(w, a, 2, ids, new int[] {3, 3}, out, 0, 64));
      assertThrows(
          IndexOutOfBoundsException.class,
          () -> kernels.accumulateRows(w, a, 3, ids, new int[] {3, 1, 1}, out, 0, 64));
      assertThrows(
          IndexOutOfBoundsException.class,
          () -> kernels.accumulateRows(w, a, 2, ids, new int[] {3}, out, 0, 64));
      assertThrows(
          IllegalArgumentException.class,
          () -> kernels.accumulateRows(w, a, 1, new int[][] {{2, 2}}, new int[] {2}, out, 0, 64));
      assertThrows(
          IllegalArgumentException.class,
          () -> kernels.accumulateRows(w, a, 1, new int[][] {{-1}}, new int[] {1}, out, 0, 64));
    }
  }
}
