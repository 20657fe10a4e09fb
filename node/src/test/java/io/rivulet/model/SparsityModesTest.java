package io.rivulet.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.rivulet.kernels.FloatTensor;
import io.rivulet.kernels.Kernels;
import io.rivulet.kernels.Matrix;
import io.rivulet.kernels.ThreadTeam;
import io.rivulet.model.profile.LayerProfile;
import io.rivulet.model.profile.PredictorWeights;
import io.rivulet.model.profile.SparsityProfile;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What thresholds and predictors leave out of an FFN. */
class SparsityModesTest {

  private static final int LENGTH = 20;

  /** Of a bias that no score outweighs. */
  private static final float ALWAYS = 1e6f;

  @ParameterizedTest
  @ValueSource(strings = {"nemotron", "llama", "llama-relu", "types/q8_0", "types/q4_k"})
  void withoutAThresholdAndWithAllNeuronsNamedTheBitsAreThoseOfAll(String name) {
    try (var model = LoadedModel.openByNeurons(Reference.model(name), Kernels.select());
        Arena arena = Arena.ofShared()) {
      SparsityProfile profile = new RandomProfile(0, 1, ALWAYS).of(model, arena);
      float[] all = lastLogits(model.transformer(), SparsityMode.OFF, 1);
      Transformer calibrated = model.transformer().withProfile(profile, arena);
      assertArrayEquals(all, lastLogits(calibrated, SparsityMode.THRESHOLD, 1));
      assertArrayEquals(all, lastLogits(calibrated, SparsityMode.PREDICTED, 1));
      assertArrayEquals(all, lastLogits(calibrated, SparsityMode.PREDICTED, LENGTH));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"nemotron", "llama", "llama-relu", "types/q8_0", "types/q4_k"})
  void neuronsThatAreNotNamedAreZeroAndTheOthersAsEver(String name) {
    try (var model = LoadedModel.openByNeurons(Reference.model(name), Kernels.select());
        Arena arena = Arena.ofShared()) {
      for (int lookahead = 0; lookahead < 3; lookahead++) {
        SparsityProfile profile = new RandomProfile(0, lookahead, 0).of(model, arena);
        var seen = new FirstLayer(model.spec());
        Transformer calibrated = model.transformer().withProfile(profile, arena);
        run(calibrated, SparsityMode.PREDICTED, seen);
        float[] some = seen.neurons;
        run(calibrated, SparsityMode.EXACT, seen);
        int named = 0;
        for (int neuron = 0; neuron < some.length; neuron++) {
          double score = score(profile.layers().getFirst(), seen.input, neuron);
          if (score > 0.2) {
            assertEquals(seen.neurons[neuron], some[neuron], 0f, "neuron " + neuron);
            named++;
          } else if (score < -0.2) {
            assertEquals(0, some[neuron], 0f, "neuron " + neuron);
          }
        }
        assertTrue(named > some.length / 4, named + " named");
      }
    }
  }

  /** By the formula, in double precision; the kernel rounds to int8 on the way. */
  private static double score(LayerProfile layer, float[] input, int neuron) {
    PredictorWeights weights = layer.predictor().orElseThrow();
    double score = weights.bias().get(0, neuron);
    for (int r = 0; r < weights.rank(); r++) {
      double reduced = 0;
      for (int c = 0; c < input.length; c++) {
        reduced += at(weights.in(), r, c) * input[c];
      }
      score += at(weights.out(), neuron, r) * reduced;
    }
    return score / weights.rank();
  }

  private static double at(Matrix matrix, int row, int col) {
    return matrix.data().get(ValueLayout.JAVA_FLOAT_UNALIGNED, row * matrix.rowBytes() + 4L * col);
  }

  @ParameterizedTest
  @ValueSource(strings = {"nemotron", "llama"})
  void neuronsAreReadWhoseOutputIsAboveTheThreshold(String name) {
    try (var model = LoadedModel.openByNeurons(Reference.model(name), Kernels.select());
        Arena arena = Arena.ofShared();
        var team = new ThreadTeam(2)) {
      float threshold = 0.02f;
      SparsityProfile profile = new RandomProfile(threshold, 0, 0).of(model, arena);
      Transformer calibrated = model.transformer().withProfile(profile, arena);
      var seen = new FirstLayer(model.spec());
      try (var pass = calibrated.forwardPass(team, 1, 1, 32)) {
        pass.observe(seen);
        Batch batch = new Batch(1);
        batch.add(7, 0, CacheBlocks.all(pass), SparsityMode.THRESHOLD, true);
        pass.run(batch);
        FloatTensor norms = profile.layers().getFirst().downNorms();
        int above = 0;
        for (int neuron = 0; neuron < seen.neurons.length; neuron++) {
          above += Math.abs(seen.neurons[neuron]) * norms.get(0, neuron) > threshold ? 1 : 0;
        }
        assertEquals(above, pass.activeNeurons(0, 0));
        assertTrue(above > 0 && above < seen.neurons.length, above + " above");
      }
    }
  }

  /** Where others want all neurons, up is computed whole, and what was not named must not show. */
  @ParameterizedTest
  @ValueSource(strings = {"nemotron", "llama", "llama-relu", "types/q8_0"})
  void theBitsAreTheSameBesideRowsThatWantAllNeurons(String name) {
    try (var model = LoadedModel.openByNeurons(Reference.model(name), Kernels.select());
        Arena arena = Arena.ofShared();
        var team = new ThreadTeam(2)) {
      SparsityProfile profile = new RandomProfile(0.001f, 1, 0).of(model, arena);
      Transformer calibrated = model.transformer().withProfile(profile, arena);
      float[] alone = lastLogits(calibrated, SparsityMode.PREDICTED, 1);
      try (var pass = calibrated.forwardPass(team, 3, 3, 4 * 32)) {
        Batch batch = new Batch(3);
        for (int at = 0; at < LENGTH; at++) {
          batch.clear();
          batch.add(token(at), at, new int[] {0}, SparsityMode.PREDICTED, true);
          batch.add(token(at + 3), at, new int[] {1}, SparsityMode.OFF, true);
          batch.add(token(at + 5), at, new int[] {2}, SparsityMode.THRESHOLD, true);
          pass.run(batch);
        }
        assertArrayEquals(alone, pass.logits().row(0));
      }
      assertFalse(Arrays.equals(alone, lastLogits(calibrated, SparsityMode.EXACT, 1)));
    }
  }

  /** Its first layers and steps go all ways, since none is known to be the quickest. */
  @ParameterizedTest
  @ValueSource(strings = {"nemotron", "llama", "llama-relu", "types/q8_0", "types/q4_k"})
  void theBitsAreTheSameBesideRowsThatWantOtherNeurons(String name) {
    int sequences = 5;
    try (var model = LoadedModel.openByNeurons(Reference.model(name), Kernels.select());
        Arena arena = Arena.ofShared();
        var team = new ThreadTeam(2)) {
      SparsityProfile profile = new RandomProfile(0.001f, 1, 0).of(model, arena);
      Transformer calibrated = model.transformer().withProfile(profile, arena);
      float[] alone = lastLogits(calibrated, SparsityMode.PREDICTED, 1);
      try (var pass = calibrated.forwardPass(team, sequences, sequences, sequences * 32)) {
        Batch batch = new Batch(sequences);
        for (int at = 0; at < LENGTH; at++) {
          batch.clear();
          for (int sequence = 0; sequence < sequences; sequence++) {
            int token = token(at + 3 * (sequence / 2));
            batch.add(token, at, new int[] {sequence}, SparsityMode.PREDICTED, true);
          }
          pass.run(batch);
          int united = pass.unitedNeurons(0);
          int most = 0;
          int sum = 0;
          for (int sequence = 0; sequence < sequences; sequence++) {
            most = Math.max(most, pass.computedNeurons(sequence, 0));
            sum += pass.computedNeurons(sequence, 0);
          }
          assertTrue(united >= most && united < sum, united + " of " + most + " to " + sum);
        }
        assertArrayEquals(alone, pass.logits().row(0));
        assertArrayEquals(alone, pass.logits().row(1));
        assertFalse(Arrays.equals(alone, pass.logits().row(4)));
      }
    }
  }

  @Test
  void aModelWithoutAProfileComputesNeitherWay() {
    try (var model = LoadedModel.open(Reference.model("nemotron"), Kernels.select())) {
      assertEquals(Set.of(SparsityMode.OFF, SparsityMode.EXACT), model.transformer().modes());
    }
  }

  private static int token(int at) {
    return 3 + at * 7 % 40;
  }

  private static void run(Transformer transformer, SparsityMode mode, FeedForwardObserver seen) {
    try (var team = new ThreadTeam(2);
        var pass = transformer.forwardPass(team, 1, 1, 32)) {
      pass.observe(seen);
      Batch batch = new Batch(1);
      batch.add(token(0), 0, CacheBlocks.all(pass), mode, true);
      pass.run(batch);
    }
  }

  /** Of a text by so many tokens at a time. */
  private static float[] lastLogits(Transformer transformer, SparsityMode mode, int chunk) {
    try (var team = new ThreadTeam(2);
        var pass = transformer.forwardPass(team, chunk, 1, 32)) {
      Batch batch = new Batch(chunk);
      for (int from = 0; from < LENGTH; from += chunk) {
        batch.clear();
        for (int at = from; at < Math.min(LENGTH, from + chunk); at++) {
          batch.add(token(at), at, CacheBlocks.all(pass), mode, at == LENGTH - 1);
        }
        pass.run(batch);
      }
      return pass.logits().row(0);
    }
  }

  /** Remembers the first row of the first layer. */
  private static final class FirstLayer implements FeedForwardObserver {

    private float[] input;
    private float[] neurons;

    FirstLayer(ModelSpec spec) {
      input = new float[spec.width()];
      neurons = new float[spec.neurons()];
    }

    @Override
    public void onAttentionInput(int layer, FloatTensor values, int rows) {
      if (layer == 0) {
        input = values.row(0);
      }
    }

    @Override
    public void onNeurons(int layer, FloatTensor activations, int rows) {
      if (layer == 0) {
        neurons = activations.row(0);
      }
    }
  }
}
