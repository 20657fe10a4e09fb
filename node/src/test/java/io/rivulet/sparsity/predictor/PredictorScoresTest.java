package io.rivulet.sparsity.predictor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.rivulet.kernels.FloatTensor;
import io.rivulet.kernels.Kernels;
import io.rivulet.kernels.ThreadTeam;
import java.lang.foreign.Arena;
import org.junit.jupiter.api.Test;

class PredictorScoresTest {

  /** 1 and 0.004 are the codes 127 and 1 of a scale of 1 / 127, which stands for 0.00787. */
  @Test
  void scoresAreThoseOfTheRuntimesWholeNumbers() {
    Arena arena = Arena.ofAuto();
    FloatTensor in = FloatTensor.allocate(arena, 16, 2);
    FloatTensor out = FloatTensor.allocate(arena, 2, 16);
    for (int i = 0; i < 2; i++) {
      in.set(i, i, 1);
      out.set(i, i, 1);
    }
    var predictor = new LowRankPredictor(in, out, FloatTensor.of(arena, 0.5f, -1));
    var samples = new LayerSamples(new float[][] {{1, 0.004f}}, new boolean[1][2]);
    try (var team = new ThreadTeam(1)) {
      new PredictorScores(samples, team, Kernels.select())
          .forEach(
              predictor,
              (scores, active) ->
                  assertArrayEquals(new float[] {1.5f, 1 / 127f - 1}, scores, 1e-6f));
    }
  }
}
