package io.rivulet.sparsity.predictor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.rivulet.kernels.Kernels;
import io.rivulet.kernels.ThreadTeam;
import java.util.List;
import org.junit.jupiter.api.Test;

class RankChoiceTest {

  private static final LayerSamples SAMPLES = LayerSamples.ofLowRank(3500, 48, 64, 24, 11);
  private static final RecallTarget TARGET = new RecallTarget(0.95, 0.7);

  @Test
  void costsAreThoseByHand() {
    var cost = new LayerCost(100, 1000, 300, 4);
    assertEquals(300_000, cost.dense());
    // 16 x 100 x 4 in, 1000 x 16 out, 1000 x 8 scale and bias, a tenth of the neurons.
    assertEquals(6_400 + 16_000 + 8_000 + 30_000, cost.predicted(16, 0.1));
  }

  @Test
  void wideRowsPayForALargerRank() {
    RankChoice choice = choose(new LayerCost(48, 64, 100_000, 1), TARGET);
    assertTrue(choice.best().orElseThrow().rank() >= 32, choice + "");
  }

  @Test
  void narrowRowsDoNotAndTheSearchEnds() {
    RankChoice choice = choose(new LayerCost(48, 64, 10, 1), TARGET);
    assertEquals(List.of(16, 32), choice.tried().stream().map(RankChoice.Candidate::rank).toList());
    RankChoice.Candidate best = choice.best().orElseThrow();
    assertEquals(16, best.rank());
    double density =
        assertInstanceOf(RecallOutcome.Reached.class, best.outcome()).quality().density();
    assertEquals(16 * 48 + 64 * 24 + density * 640, best.bytes(), 1e-6);
  }

  @Test
  void aRecallOutOfReachLeavesTheLayerDense() {
    var cost = new LayerCost(48, 64, 1000, 1);
    RankChoice choice = choose(cost, new RecallTarget(1, 0.05));
    assertTrue(choice.best().isEmpty());
    assertEquals(3, choice.tried().size());
    assertEquals(cost.dense(), choice.tried().getFirst().bytes());
  }

  private static RankChoice choose(LayerCost cost, RecallTarget target) {
    try (var team = new ThreadTeam(2)) {
      return RankChoice.among(
          List.of(16, 32, 48),
          SAMPLES.range(0, 3000),
          SAMPLES.range(3000, 3500),
          new TrainingOptions(16, 8, 100, 2e-2f, 1, 1),
          target,
          cost,
          team,
          Kernels.select());
    }
  }
}
