package io.rivulet.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.rivulet.Allocations;
import io.rivulet.kernels.FloatTensor;
import io.rivulet.kernels.Kernels;
import io.rivulet.kernels.NeuronRows;
import io.rivulet.kernels.ThreadTeam;
import io.rivulet.model.profile.LayerProfile;
import io.rivulet.model.profile.SparsityProfile;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What audits find of the first layer, whose input is the same in all modes, and what they change.
 */
class SparsityAuditTest {

  private static final int TOKEN = 7;
  private static final float THRESHOLD = 0.02f;

  /** What an audit said. */
  private record Finding(int active, int named, int found, double cett) {}

  /** Audits every token, and keeps what is found of the first layer. */
  private static final class Everything implements SparsityAuditor {

    private static final int UNSAID = -1;

    private final boolean trusting;
    private final List<Finding> findings = new ArrayList<>();
    private int active = UNSAID;
    private int named = UNSAID;
    private int found = UNSAID;

    Everything(boolean trusting) {
      this.trusting = trusting;
    }

    @Override
    public boolean trusts(int layer) {
      return trusting;
    }

    @Override
    public boolean audits(int layer, int position) {
      return true;
    }

    @Override
    public void onPrediction(int layer, int activeNeurons, int namedNeurons, int foundNeurons) {
      if (layer == 0) {
        active = activeNeurons;
        named = namedNeurons;
        found = foundNeurons;
      }
    }

    @Override
    public void onError(int layer, double cett) {
      if (layer == 0) {
        findings.add(new Finding(active, named, found, cett));
      }
    }
  }

  /** Audits every token, and counts the audits. */
  private static final class Counting implements SparsityAuditor {

    private int count;

    @Override
    public boolean trusts(int layer) {
      return true;
    }

    @Override
    public boolean audits(int layer, int position) {
      return true;
    }

    @Override
    public void onPrediction(int layer, int active, int named, int found) {}

    @Override
    public void onError(int layer, double cett) {
      count++;
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"nemotron", "llama", "llama-relu", "types/q8_0", "types/q4_k"})
  void theErrorOfThresholdsIsThatOfTheDefinition(String name) {
    try (var model = LoadedModel.openByNeurons(Reference.model(name), Kernels.select());
        Arena arena = Arena.ofShared()) {
      SparsityProfile profile = new RandomProfile(THRESHOLD, 0, 0).of(model, arena);
      Transformer calibrated = model.transformer().withProfile(profile, arena);
      float[] all = neurons(calibrated, SparsityMode.EXACT);

      var audits = new Everything(true);
      run(calibrated, SparsityMode.THRESHOLD, audits, 2);

      Finding finding = audits.findings.getFirst();
      IntPredicate leftOut = neuron -> !over(profile.layers().getFirst(), all, neuron);
      assertEquals(cett(calibrated, all, leftOut), finding.cett(), 1e-5);
      assertTrue(finding.cett() > 0 && finding.cett() < 1, finding.toString());
      assertEquals(Everything.UNSAID, finding.named());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"nemotron", "llama", "llama-relu", "types/q8_0", "types/q4_k"})
  void aPredictionIsJudgedByWhatAllNeuronsComeTo(String name) {
    try (var model = LoadedModel.openByNeurons(Reference.model(name), Kernels.select());
        Arena arena = Arena.ofShared()) {
      SparsityProfile profile = new RandomProfile(THRESHOLD, 1, 0).of(model, arena);
      LayerProfile layer = profile.layers().getFirst();
      Transformer calibrated = model.transformer().withProfile(profile, arena);
      float[] all = neurons(calibrated, SparsityMode.EXACT);
      float[] some = neurons(calibrated, SparsityMode.PREDICTED);

      var audits = new Everything(true);
      run(calibrated, SparsityMode.PREDICTED, audits, 2);

      Finding finding = audits.findings.getFirst();
      assertEquals(count(all.length, neuron -> over(layer, all, neuron)), finding.active());
      assertEquals(count(all.length, neuron -> over(layer, some, neuron)), finding.found());
      assertTrue(finding.found() > 0 && finding.found() < finding.active(), finding.toString());
      assertTrue(finding.named() >= finding.found() && finding.named() < all.length);
      IntPredicate leftOut = neuron -> !over(layer, some, neuron);
      assertEquals(cett(calibrated, all, leftOut), finding.cett(), 1e-5);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"nemotron", "llama", "llama-relu", "types/q8_0"})
  void whatIsNotTrustedIsComputedExactlyAndAuditedAsIfItWere(String name) {
    try (var model = LoadedModel.openByNeurons(Reference.model(name), Kernels.select());
        Arena arena = Arena.ofShared()) {
      SparsityProfile profile = new RandomProfile(THRESHOLD, 1, 0).of(model, arena);
      Transformer calibrated = model.transformer().withProfile(profile, arena);
      float[] exact = run(calibrated, SparsityMode.EXACT, SparsityAuditor.NONE, 2);
      for (SparsityMode mode : List.of(SparsityMode.THRESHOLD, SparsityMode.PREDICTED)) {
        var trusting = new Everything(true);
        run(calibrated, mode, trusting, 2);
        var distrusting = new Everything(false);
        assertArrayEquals(exact, run(calibrated, mode, distrusting, 2));
        assertEquals(trusting.findings, distrusting.findings);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"nemotron", "llama", "llama-relu", "types/q8_0"})
  void auditsChangeNothingAndFindTheSameInAnyCompany(String name) {
    try (var model = LoadedModel.openByNeurons(Reference.model(name), Kernels.select());
        Arena arena = Arena.ofShared()) {
      SparsityProfile profile = new RandomProfile(THRESHOLD, 1, 0).of(model, arena);
      Transformer calibrated = model.transformer().withProfile(profile, arena);
      for (SparsityMode mode : List.of(SparsityMode.THRESHOLD, SparsityMode.PREDICTED)) {
        var alone = new Everything(true);
        float[] logits = run(calibrated, mode, alone, 1);
        assertArrayEquals(logits, run(calibrated, mode, SparsityAuditor.NONE, 1));
        var audits = new Everything(true);
        try (var team = new ThreadTeam(3);
            var pass = calibrated.forwardPass(team, 4, 4, 4 * 32)) {
          Batch batch = new Batch(4);
          batch.add(5, 0, new int[] {0}, SparsityMode.PREDICTED, new Everything(true), true);
          batch.add(9, 0, new int[] {1}, SparsityMode.OFF, true);
          batch.add(TOKEN, 0, new int[] {2}, mode, audits, true);
          batch.add(8, 0, new int[] {3}, SparsityMode.THRESHOLD, new Everything(false), true);
          pass.run(batch);
          assertArrayEquals(logits, pass.logits().row(2));
        }
        assertEquals(alone.findings, audits.findings);
      }
    }
  }

  @Test
  void anAuditAllocatesNothing() {
    try (var model = LoadedModel.openByNeurons(Reference.model("nemotron"), Kernels.select());
        Arena arena = Arena.ofShared();
        var team = new ThreadTeam(1)) {
      SparsityProfile profile = new RandomProfile(THRESHOLD, 1, 0).of(model, arena);
      Transformer calibrated = model.transformer().withProfile(profile, arena);
      var audits = new Counting();
      try (var pass = calibrated.forwardPass(team, 2, 2, 2 * 32)) {
        Batch batch = new Batch(2);
        int[] first = {0};
        int[] second = {1};
        Allocations.assertNoneOnceWarm(
            () -> {
              batch.clear();
              batch.add(5, 0, first, SparsityMode.PREDICTED, audits, true);
              batch.add(6, 0, second, SparsityMode.THRESHOLD, audits, true);
              pass.run(batch);
            });
        assertTrue(audits.count > 0);
      }
    }
  }

  private static boolean over(LayerProfile layer, float[] activations, int neuron) {
    return Math.abs(activations[neuron]) > THRESHOLD / layer.downNorms().get(0, neuron);
  }

  private static int count(int neurons, IntPredicate condition) {
    int count = 0;
    for (int neuron = 0; neuron < neurons; neuron++) {
      count += condition.test(neuron) ? 1 : 0;
    }
    return count;
  }

  /** By the definition, in double precision. */
  private static double cett(Transformer transformer, float[] activations, IntPredicate leftOut) {
    NeuronRows down = transformer.downRows(0);
    double[] missing = new double[down.cols()];
    double[] all = new double[down.cols()];
    for (int neuron = 0; neuron < down.rows(); neuron++) {
      float[] row = row(down, neuron);
      for (int c = 0; c < row.length; c++) {
        double term = (double) activations[neuron] * row[c];
        all[c] += term;
        missing[c] += leftOut.test(neuron) ? term : 0;
      }
    }
    return norm(missing) / norm(all);
  }

  private static double norm(double[] vector) {
    double squares = 0;
    for (double value : vector) {
      squares += value * value;
    }
    return Math.sqrt(squares);
  }

  private static float[] row(NeuronRows down, int neuron) {
    try (Arena arena = Arena.ofConfined()) {
      FloatTensor one = FloatTensor.allocate(arena, 1, down.rows());
      one.set(0, neuron, 1);
      FloatTensor row = FloatTensor.allocate(arena, 1, down.cols());
      Kernels.scalar()
          .accumulateRows(down, one, 1, new int[][] {{neuron}}, new int[] {1}, row, 0, down.cols());
      return row.row(0);
    }
  }

  /** The first layer's activations of a token. */
  private static float[] neurons(Transformer transformer, SparsityMode mode) {
    float[][] seen = new float[1][];
    try (var team = new ThreadTeam(2);
        var pass = transformer.forwardPass(team, 1, 1, 32)) {
      pass.observe(
          new FeedForwardObserver() {
            @Override
            public void onAttentionInput(int layer, FloatTensor input, int rows) {}

            @Override
            public void onNeurons(int layer, FloatTensor activations, int rows) {
              if (layer == 0) {
                seen[0] = activations.row(0);
              }
            }
          });
      Batch batch = new Batch(1);
      batch.add(TOKEN, 0, new int[] {0}, mode, true);
      pass.run(batch);
    }
    return seen[0];
  }

  /** What comes after a token. */
  private static float[] run(
      Transformer transformer, SparsityMode mode, SparsityAuditor auditor, int threads) {
    try (var team = new ThreadTeam(threads);
        var pass = transformer.forwardPass(team, 1, 1, 32)) {
      Batch batch = new Batch(1);
      batch.add(TOKEN, 0, new int[] {0}, mode, auditor, true);
      pass.run(batch);
      return pass.logits().row(0);
    }
  }
}
