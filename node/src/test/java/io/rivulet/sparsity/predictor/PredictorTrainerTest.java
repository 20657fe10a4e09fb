package io.rivulet.sparsity.predictor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.rivulet.kernels.FloatTensor;
import io.rivulet.kernels.Kernels;
import io.rivulet.kernels.ThreadTeam;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class PredictorTrainerTest {

  private static final Kernels KERNELS = Kernels.select();
  private static final ThreadTeam TEAM = new ThreadTeam(2);

  @AfterAll
  static void endTeam() {
    TEAM.close();
  }

  @Test
  void learnsARuleOfItsRank() {
    // Neither width nor neurons fill whole cache lines.
    ActivationSamples samples = LayerSamples.ofLowRank(6000, 37, 75, 6, 1);
    List<Double> losses = new ArrayList<>();
    var predictor =
        PredictorTrainer.train(
            samples.range(0, 5000),
            new TrainingOptions(16, 25, 100, 2e-2f, 1, 1),
            TEAM,
            KERNELS,
            (done, epochs, loss) -> losses.add(loss));
    PredictionQuality quality =
        reached(predictor, samples.range(5000, 6000), new RecallTarget(0.992, 0.3));
    assertEquals(0.1, quality.activeDensity(), 0.02, "what the rule makes active");
    assertTrue(quality.recall() > 0.99, quality + "");
    assertTrue(quality.density() < 0.15, quality + " predicts " + quality.density());
    assertEquals(25, losses.size());
    assertTrue(losses.getLast() < losses.getFirst() / 3, losses + "");
  }

  @Test
  void givesTheSameBitsWithAnyThreadsAndAnyKernels() {
    ActivationSamples samples = LayerSamples.ofLowRank(300, 40, 90, 5, 2);
    var options = new TrainingOptions(32, 3, 64, 1e-2f, 2, 7);
    LowRankPredictor expected = train(samples, options);
    for (int threads : new int[] {1, 3}) {
      try (var team = new ThreadTeam(threads)) {
        assertSame(
            expected, PredictorTrainer.train(samples, options, team, KERNELS, (d, e, l) -> {}));
      }
    }
    assertSame(
        expected,
        PredictorTrainer.train(samples, options, TEAM, Kernels.scalar(), (d, e, l) -> {}));
  }

  @Test
  void anotherSeedGivesAnotherPredictor() {
    ActivationSamples samples = LayerSamples.ofLowRank(200, 20, 40, 5, 3);
    float one = train(samples, new TrainingOptions(16, 1, 64, 1e-2f, 1, 1)).out().get(0, 0);
    float two = train(samples, new TrainingOptions(16, 1, 64, 1e-2f, 1, 2)).out().get(0, 0);
    assertTrue(one != two);
  }

  @Test
  void neuronsThatNeverOrAlwaysFireAreDecidedForGood() {
    LayerSamples samples = LayerSamples.ofLowRank(500, 20, 40, 4, 4);
    for (boolean[] active : samples.activity()) {
      active[3] = false;
      active[17] = true;
    }
    LowRankPredictor predictor = train(samples, TrainingOptions.ofRank(16));
    assertArrayEquals(new float[16], predictor.out().row(3));
    assertArrayEquals(new float[16], predictor.out().row(17));
    assertEquals(LowRankPredictor.NEVER, predictor.bias().get(0, 3));
    assertEquals(LowRankPredictor.ALWAYS, predictor.bias().get(0, 17));
    int[] predicted = new int[40];
    new PredictorScores(samples, TEAM, KERNELS)
        .forEach(
            predictor.shifted(3),
            (scores, active) -> {
              for (int i = 0; i < 40; i++) {
                predicted[i] += scores[i] > 0 ? 1 : 0;
              }
            });
    assertEquals(0, predicted[3]);
    assertEquals(500, predicted[17]);
  }

  @Test
  void aRareNeuronIsLearnedAmongCommonOnes() {
    LayerSamples samples = LayerSamples.ofLowRank(8000, 20, 40, 4, 5);
    int rare = 0;
    for (int token = 0; token < samples.tokens(); token++) {
      samples.activity()[token][7] = samples.inputs()[token][0] > 2.4f;
      rare += samples.activity()[token][7] ? 1 : 0;
    }
    assertTrue(rare > 20 && rare < 120, rare + " of 8000");
    LowRankPredictor predictor =
        train(samples, new TrainingOptions(16, 12, 100, 2e-2f, 1, 1)).shifted(2);
    int[] counts = new int[2];
    new PredictorScores(samples, TEAM, KERNELS)
        .forEach(
            predictor,
            (scores, active) -> {
              boolean hit = scores[7] > 0;
              counts[0] += hit && ((active[0] >>> 7) & 1) != 0 ? 1 : 0;
              counts[1] += hit ? 1 : 0;
            });
    assertTrue(counts[0] > 0.95 * rare, counts[0] + " found of " + rare);
    assertTrue(counts[1] < 3 * rare, counts[1] + " predicted where " + rare + " are active");
  }

  @Test
  void aPositiveWeightMakesItPredictMore() {
    ActivationSamples samples = LayerSamples.ofLowRank(2000, 20, 40, 8, 6);
    var scores = new PredictorScores(samples, TEAM, KERNELS);
    var even = scores.quality(train(samples, new TrainingOptions(16, 3, 64, 1e-2f, 1, 1)));
    var weighted = scores.quality(train(samples, new TrainingOptions(16, 3, 64, 1e-2f, 9, 1)));
    assertTrue(weighted.recall() > even.recall(), even + " " + weighted);
    assertTrue(weighted.density() > even.density(), even + " " + weighted);
  }

  @Test
  void columnsOfAnySizeGiveFiniteWeights() {
    LayerSamples samples = LayerSamples.ofLowRank(300, 20, 40, 4, 10);
    for (int token = 0; token < samples.tokens(); token++) {
      samples.inputs()[token][2] *= 1e-40f;
      samples.inputs()[token][3] *= 1e-25f;
      samples.inputs()[token][4] = token % 2 == 0 ? -3e38f : 3e38f;
      samples.inputs()[token][5] = 1e6f + token % 3 * 0.0625f;
    }
    LowRankPredictor predictor = train(samples, TrainingOptions.ofRank(16));
    for (FloatTensor part : List.of(predictor.in(), predictor.out(), predictor.bias())) {
      for (int row = 0; row < part.rows(); row++) {
        for (float weight : part.row(row)) {
          assertTrue(Float.isFinite(weight));
        }
      }
    }
  }

  @Test
  void aConstantColumnHasNoPart() {
    LayerSamples samples = LayerSamples.ofLowRank(300, 20, 40, 4, 8);
    for (float[] input : samples.inputs()) {
      input[5] = 0.1f;
    }
    LowRankPredictor predictor = train(samples, TrainingOptions.ofRank(16));
    for (int row = 0; row < 16; row++) {
      assertEquals(0, predictor.in().get(row, 5), 1e-30f);
    }
  }

  @Test
  void anInputThatIsNoNumberIsRefusedByName() {
    LayerSamples samples = LayerSamples.ofLowRank(50, 20, 40, 4, 9);
    samples.inputs()[31][12] = Float.NaN;
    assertRefused(samples, "token 31", "NaN", "column 12");
    samples.inputs()[31][12] = Float.NEGATIVE_INFINITY;
    assertRefused(samples, "token 31", "-Infinity", "column 12");
    assertRefused(samples.range(0, 0), "no samples");
  }

  @Test
  void optionsOutOfRangeAreRefusedByName() {
    assertOption("rank", "24", () -> TrainingOptions.ofRank(24));
    assertOption("rank", "2048", () -> TrainingOptions.ofRank(2048));
    assertOption("epochs", "0", () -> new TrainingOptions(16, 0, 64, 1e-2f, 1, 1));
    assertOption("batch tokens", "0", () -> new TrainingOptions(16, 1, 0, 1e-2f, 1, 1));
    assertOption("learning rate", "NaN", () -> new TrainingOptions(16, 1, 64, Float.NaN, 1, 1));
    assertOption("positive weight", "0.0", () -> new TrainingOptions(16, 1, 64, 1e-2f, 0, 1));
  }

  private static void assertOption(String name, String value, Runnable options) {
    var e = assertThrows(IllegalArgumentException.class, options::run);
    assertTrue(e.getMessage().contains(name) && e.getMessage().contains(value), e.getMessage());
  }

  private static void assertRefused(ActivationSamples samples, String... parts) {
    var e =
        assertThrows(
            IllegalArgumentException.class, () -> train(samples, TrainingOptions.ofRank(16)));
    for (String part : parts) {
      assertTrue(e.getMessage().contains(part), e.getMessage());
    }
  }

  private static LowRankPredictor train(ActivationSamples samples, TrainingOptions options) {
    return PredictorTrainer.train(samples, options, TEAM, KERNELS, (done, epochs, loss) -> {});
  }

  private static PredictionQuality reached(
      LowRankPredictor predictor, ActivationSamples heldOut, RecallTarget target) {
    return switch (RecallThreshold.choose(predictor, heldOut, target, TEAM, KERNELS)) {
      case RecallOutcome.Reached(var shifted, var quality) -> quality;
      case RecallOutcome.BeyondBudget outcome -> throw new AssertionError(outcome);
      case RecallOutcome.NothingActive outcome -> throw new AssertionError(outcome);
    };
  }

  private static void assertSame(LowRankPredictor expected, LowRankPredictor actual) {
    assertRows(expected.in(), actual.in());
    assertRows(expected.out(), actual.out());
    assertRows(expected.bias(), actual.bias());
  }

  private static void assertRows(FloatTensor expected, FloatTensor actual) {
    for (int row = 0; row < expected.rows(); row++) {
      assertArrayEquals(expected.row(row), actual.row(row));
    }
  }
}
