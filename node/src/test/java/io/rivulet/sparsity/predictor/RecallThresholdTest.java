package io.rivulet.sparsity.predictor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.rivulet.kernels.FloatTensor;
import io.rivulet.kernels.Kernels;
import io.rivulet.kernels.ThreadTeam;
import java.lang.foreign.Arena;
import org.junit.jupiter.api.Test;

class RecallThresholdTest {

  private static final boolean ON = true;
  private static final boolean OFF = false;

  /**
   * Scores of the identity. Active are 9, 8, 6, 4 and 1 (the last two in another token); inactive
   * 7, 5, 3, 2 and 0.
   */
  private static final LayerSamples BY_HAND =
      new LayerSamples(
          new float[][] {{9, 8, 7, 6, 5}, {4, 3, 2, 1, 0}},
          new boolean[][] {{ON, ON, OFF, ON, OFF}, {ON, OFF, OFF, ON, OFF}});

  @Test
  void theHighestThresholdThatReachesTheRecall() {
    assertQuality(new PredictionQuality(2, 2, 5, 10), choose(0.4, 1));
    assertQuality(new PredictionQuality(3, 4, 5, 10), choose(0.41, 1));
    assertQuality(new PredictionQuality(3, 4, 5, 10), choose(0.6, 1));
    assertQuality(new PredictionQuality(4, 6, 5, 10), choose(0.8, 1));
    assertQuality(new PredictionQuality(5, 9, 5, 10), choose(1, 1));
    assertQuality(new PredictionQuality(1, 1, 5, 10), choose(0.01, 1));
  }

  @Test
  void sharesAreThoseByHand() {
    var quality = new PredictionQuality(3, 4, 5, 10);
    assertEquals(0.6, quality.recall());
    assertEquals(0.75, quality.precision());
    assertEquals(0.4, quality.density());
    assertEquals(0.5, quality.activeDensity());
  }

  @Test
  void aShiftAlreadyThereChangesNothing() {
    for (float shift : new float[] {-100, 3, 1000}) {
      RecallOutcome outcome = choose(identity().shifted(shift), BY_HAND, 0.6, 1);
      assertQuality(new PredictionQuality(3, 4, 5, 10), outcome);
    }
  }

  @Test
  void tooManyPredictionsAreBeyondTheBudget() {
    var beyond = assertInstanceOf(RecallOutcome.BeyondBudget.class, choose(0.8, 0.59));
    assertEquals(new PredictionQuality(4, 6, 5, 10), beyond.quality());
    assertEquals(0.59, beyond.densityBudget());
    assertInstanceOf(RecallOutcome.Reached.class, choose(0.8, 0.6));
  }

  @Test
  void allActiveIsBeyondTheBudget() {
    var samples = new LayerSamples(BY_HAND.inputs(), new boolean[][] {all(ON), all(ON)});
    var outcome = choose(identity(), samples, 0.95, 0.7);
    assertEquals(
        new PredictionQuality(10, 10, 10, 10),
        assertInstanceOf(RecallOutcome.BeyondBudget.class, outcome).quality());
  }

  @Test
  void nothingActiveIsSaid() {
    var samples = new LayerSamples(BY_HAND.inputs(), new boolean[][] {all(OFF), all(OFF)});
    assertEquals(new RecallOutcome.NothingActive(2), choose(identity(), samples, 0.95, 0.7));
  }

  @Test
  void aNeuronThatTrainingNeverSawActiveIsBroughtBackOnlyWithAllOthers() {
    FloatTensor bias = FloatTensor.of(Arena.ofAuto(), 0, 0, 0, LowRankPredictor.NEVER, 0);
    var predictor = new LowRankPredictor(identity().in(), identity().out(), bias);
    assertQuality(new PredictionQuality(3, 5, 5, 10), choose(predictor, BY_HAND, 0.6, 0.7));
    assertInstanceOf(RecallOutcome.BeyondBudget.class, choose(predictor, BY_HAND, 0.8, 0.7));
  }

  @Test
  void targetsOutOfRangeAreRefused() {
    for (double share : new double[] {0, -1, 1.01, Double.NaN}) {
      assertThrows(IllegalArgumentException.class, () -> new RecallTarget(share, 0.5));
      var e = assertThrows(IllegalArgumentException.class, () -> new RecallTarget(0.5, share));
      assertTrue(e.getMessage().contains("density budget"), e.getMessage());
    }
  }

  private static boolean[] all(boolean value) {
    return new boolean[] {value, value, value, value, value};
  }

  private static LowRankPredictor identity() {
    Arena arena = Arena.ofAuto();
    FloatTensor in = FloatTensor.allocate(arena, 16, 5);
    FloatTensor out = FloatTensor.allocate(arena, 5, 16);
    for (int i = 0; i < 5; i++) {
      in.set(i, i, 1);
      out.set(i, i, 1);
    }
    return new LowRankPredictor(in, out, FloatTensor.allocate(arena, 1, 5));
  }

  private static RecallOutcome choose(double recall, double densityBudget) {
    return choose(identity(), BY_HAND, recall, densityBudget);
  }

  private static RecallOutcome choose(
      LowRankPredictor predictor, ActivationSamples samples, double recall, double densityBudget) {
    try (var team = new ThreadTeam(1)) {
      return RecallThreshold.choose(
          predictor, samples, new RecallTarget(recall, densityBudget), team, Kernels.select());
    }
  }

  private static void assertQuality(PredictionQuality expected, RecallOutcome outcome) {
    assertEquals(expected, assertInstanceOf(RecallOutcome.Reached.class, outcome).quality());
  }
}
