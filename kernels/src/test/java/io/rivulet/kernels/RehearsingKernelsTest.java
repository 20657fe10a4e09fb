package io.rivulet.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import org.junit.jupiter.api.Test;

/** Kernels that change over from scalar to vectors while they are used. */
class RehearsingKernelsTest {

  private static final int WIDTH = 96;
  private static final int NEURONS = 256;
  private static final int TOKENS = 7;

  /** Many times what the change takes. */
  private static final int ROUNDS = 3000;

  private final Kernels scalar = Kernels.scalar();
  private final Kernels kernels = new RehearsingKernels(KernelsUnderTest.select(), scalar);

  @Test
  void predictedNeuronsHaveTheSameBitsBeforeAndAfterTheChangeAndWhileItGoesOn() {
    try (Arena arena = Arena.ofShared()) {
      PredictedNeurons expected = new PredictedNeurons(arena);
      expected.compute(scalar);
      PredictedNeurons actual = new PredictedNeurons(arena);
      for (int round = 0; round < ROUNDS; round++) {
        actual.compute(kernels);
        assertEquals(expected.count, actual.count);
        assertArrayEquals(expected.hidden.row(0), actual.hidden.row(0), "round " + round);
        assertArrayEquals(expected.both.row(1), actual.both.row(1), "round " + round);
      }
    }
  }

  /** Scores, those that are positive, their rows of both kinds, and those above a threshold. */
  private static final class PredictedNeurons {

    private final FloatTensor x;
    private final ActivationCodes codes;
    private final LaneRows predictor;
    private final Matrix gate;
    private final PackedMatrix up;
    private final FloatTensor thresholds;
    private final FloatTensor scores;
    private final FloatTensor hidden;
    private final FloatTensor both;
    private final int[] ids = new int[NEURONS];
    private int count;

    PredictedNeurons(Arena arena) {
      x = Samples.activations(arena, 2, WIDTH, 1);
      codes = ActivationCodes.allocate(arena, 2, WIDTH);
      FloatTensor rows = Samples.activations(arena, NEURONS, WIDTH, 2);
      predictor = LaneRows.of(arena, rows, new float[NEURONS]);
      gate = Samples.weights(arena, WeightType.F16, NEURONS, WIDTH, 3);
      up = PackedMatrix.of(Samples.randomBlocks(arena, WeightType.Q8_0, NEURONS, WIDTH, 4), arena);
      thresholds = Samples.activations(arena, 1, NEURONS, 5);
      scores = FloatTensor.allocate(arena, 1, NEURONS);
      hidden = FloatTensor.allocate(arena, 1, NEURONS);
      both = FloatTensor.allocate(arena, 2, NEURONS);
    }

    void compute(Kernels kernels) {
      kernels.quantize(x, 0, codes);
      kernels.quantize(x, 1, codes);
      kernels.score(predictor, x, 0, scores, 0, NEURONS);
      int predicted = kernels.positive(scores, 0, 0, NEURONS, ids, 0);
      kernels.multiplyRows(up, codes, 0, ids, 0, predicted, hidden);
      kernels.multiplyRows(gate, x, 0, ids, 0, predicted / 2, hidden);
      kernels.multiplySharedRows(up, codes, 2, ids, 0, predicted, both);
      kernels.multiplySharedRows(gate, x, 2, ids, 0, predicted / 2, both);
      count = kernels.above(hidden, 0, 0, NEURONS, thresholds, 0, ids, 0);
    }
  }

  @Test
  void givesTheSameBitsBeforeAndAfterTheChangeAndWhileItGoesOn() {
    for (int count : new int[] {1, TOKENS}) {
      try (Arena arena = Arena.ofShared()) {
        FeedForward expected = new FeedForward(arena);
        expected.compute(scalar, count);
        FeedForward actual = new FeedForward(arena);
        for (int round = 0; round < ROUNDS; round++) {
          actual.compute(kernels, count);
          for (int token = 0; token < count; token++) {
            assertEquals(expected.counts[token], actual.counts[token]);
            assertArrayEquals(expected.out.row(token), actual.out.row(token), "round " + round);
          }
        }
      }
    }
  }

  /**
   * Norm, product, activation, compaction and sum of rows: each kernel reads what one before wrote.
   */
  private static final class FeedForward {

    private final FloatTensor x;
    private final FloatTensor weight;
    private final FloatTensor normed;
    private final ActivationCodes codes;
    private final Matrix gate;
    private final PackedMatrix up;
    private final NeuronRows down;
    private final FloatTensor gated;
    private final FloatTensor hidden;
    private final FloatTensor out;
    private final int[][] ids = new int[TOKENS][NEURONS];
    private final int[] counts = new int[TOKENS];

    FeedForward(Arena arena) {
      x = Samples.activations(arena, TOKENS, WIDTH, 1);
      weight = Samples.activations(arena, 1, WIDTH, 2);
      normed = FloatTensor.allocate(arena, TOKENS, WIDTH);
      codes = ActivationCodes.allocate(arena, TOKENS, WIDTH);
      gate = Samples.weights(arena, WeightType.F16, NEURONS, WIDTH, 3);
      up = PackedMatrix.of(Samples.randomBlocks(arena, WeightType.Q8_0, NEURONS, WIDTH, 4), arena);
      down = Samples.weights(arena, WeightType.F16, NEURONS, WIDTH, 5);
      gated = FloatTensor.allocate(arena, TOKENS, NEURONS);
      hidden = FloatTensor.allocate(arena, TOKENS, NEURONS);
      out = FloatTensor.allocate(arena, TOKENS, WIDTH);
    }

    void compute(Kernels kernels, int count) {
      for (int token = 0; token < count; token++) {
        kernels.rmsNorm(x, token, 0, weight, 1e-5f, normed);
        kernels.quantize(normed, token, codes);
      }
      kernels.multiply(gate, normed, count, gated, 0, NEURONS);
      kernels.multiply(up, codes, count, hidden, 0, NEURONS);
      for (int token = 0; token < count; token++) {
        kernels.activate(Activation.RELU_SQUARED, gated, token, 0, NEURONS);
        kernels.multiply(hidden, gated, token, 0, NEURONS);
        counts[token] = kernels.nonZero(hidden, token, 0, NEURONS, ids[token], 0);
      }
      kernels.accumulateRows(down, hidden, count, ids, counts, out, 0, WIDTH);
    }
  }
}
