package io.rivulet.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.rivulet.kernels.FloatTensor;
import io.rivulet.kernels.Kernels;
import io.rivulet.kernels.ThreadTeam;
import io.rivulet.kernels.WeightType;
import io.rivulet.model.gguf.ModelFile;
import io.rivulet.model.profile.LayerProfile;
import io.rivulet.model.profile.NeuronOrder;
import io.rivulet.model.profile.SparsityProfile;
import io.rivulet.model.profile.SparsityProfileFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A profile's order of neurons moves rows, and changes nothing that is computed from them. */
class NeuronOrderTest {

  private static final int LENGTH = 20;

  @TempDir private Path folder;

  /** In Q8_0, as rows that stay where they are mapped stay in order, too. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "types/q8_0",
        "llama-relu",
        "architectures/bitnet",
        "architectures/bitnet-b1.58",
        "architectures/drelu",
        "architectures/fatrelu",
        "architectures/nemotron-biases",
        "architectures/phi3"
      })
  void changesNoBitInAnyMode(String name) throws IOException {
    Path file = folder.resolve("model.gguf");
    try (ModelFile model = ModelFiles.open(Reference.model(name))) {
      GgufConversion.to(model, WeightType.Q8_0).write(file, (bytes, total) -> {});
    }
    changesNoBit(file);
  }

  @ParameterizedTest
  @ValueSource(strings = {"types/q4_0", "nemotron", "nemotron-mixed"})
  void changesNoBitAsStored(String name) throws IOException {
    changesNoBit(Reference.model(name));
  }

  private void changesNoBit(Path file) throws IOException {
    try (var plain = LoadedModel.open(file, profile(file, false), Kernels.select());
        var ordered = LoadedModel.open(file, profile(file, true), Kernels.select())) {
      assertTrue(ordered.profile().orElseThrow().layers().getFirst().order().isPresent());
      for (int chunk : List.of(1, LENGTH)) {
        for (SparsityMode mode : SparsityMode.values()) {
          assertSame(run(plain, chunk, mode), run(ordered, chunk, mode));
        }
        // Beside rows that want all neurons.
        assertSame(
            run(plain, chunk, SparsityMode.values()), run(ordered, chunk, SparsityMode.values()));
      }
    }
  }

  /** Down's sums go in the model's order; its own bits are those without a profile. */
  @ParameterizedTest
  @EnumSource(
      value = SparsityMode.class,
      names = {"OFF", "EXACT"})
  void aProfileBesideTheModelChangesNothingUnasked(SparsityMode mode) throws IOException {
    Path file = Reference.model("types/q8_0");
    try (var alone = LoadedModel.open(file, Kernels.select());
        var ordered = LoadedModel.open(file, profile(file, true), Kernels.select())) {
      assertSame(run(alone, 1, mode), run(ordered, 1, mode));
    }
  }

  private static void assertSame(Outcome expected, Outcome found) {
    assertArrayEquals(expected.logits, found.logits);
    assertEquals(expected.counts, found.counts);
    assertEquals(expected.audits, found.audits);
    assertEquals(expected.neurons.size(), found.neurons.size());
    for (int i = 0; i < expected.neurons.size(); i++) {
      assertArrayEquals(expected.neurons.get(i), found.neurons.get(i));
    }
  }

  /** The same but for the orders; of several layers, the last has none. */
  private Path profile(Path file, boolean ordered) throws IOException {
    Path written = folder.resolve(ordered + ".profile.safetensors");
    try (var model = LoadedModel.openByNeurons(file, Kernels.select());
        Arena arena = Arena.ofShared()) {
      SparsityProfile made = new RandomProfile(0.001f, 1, 0).of(model, arena);
      List<LayerProfile> layers = new ArrayList<>();
      for (LayerProfile layer : made.layers()) {
        boolean last = !layers.isEmpty() && layers.size() == made.layers().size() - 1;
        layers.add(
            new LayerProfile(
                layer.downNorms(),
                layer.thresholds(),
                layer.densities(),
                layer.predictor(),
                layer.window(),
                ordered && !last ? Optional.of(shuffled(layer.neurons())) : Optional.empty(),
                layer.dense()));
      }
      SparsityProfileFile.write(
          new SparsityProfile(
              made.source(),
              made.densePerplexity(),
              made.points(),
              made.chosen(),
              made.prediction(),
              layers),
          written);
    }
    return written;
  }

  private static NeuronOrder shuffled(int neurons) {
    List<Integer> order = new ArrayList<>(IntStream.range(0, neurons).boxed().toList());
    Collections.shuffle(order, new Random(neurons));
    return new NeuronOrder(order.stream().mapToInt(Integer::intValue).toArray());
  }

  /** Rows go through the modes in turn. */
  private static Outcome run(LoadedModel model, int chunk, SparsityMode... modes) {
    Outcome outcome = new Outcome();
    int layers = model.spec().layers();
    try (var team = new ThreadTeam(2);
        var pass = model.transformer().forwardPass(team, chunk, 1, 32)) {
      pass.observe(outcome);
      Batch batch = new Batch(chunk);
      for (int from = 0; from < LENGTH; from += chunk) {
        batch.clear();
        for (int at = from; at < from + chunk; at++) {
          SparsityMode mode = modes[at % modes.length];
          batch.add(3 + at * 7 % 40, at, CacheBlocks.all(pass), mode, outcome, at == LENGTH - 1);
        }
        pass.run(batch);
        for (int i = 0; i < chunk * layers; i++) {
          outcome.counts.add(pass.activeNeurons(i / layers, i % layers));
          outcome.counts.add(pass.computedNeurons(i / layers, i % layers));
        }
      }
      outcome.logits = pass.logits().row(0);
    }
    return outcome;
  }

  /** What is seen of a text, and found by audits of all of it. */
  private static final class Outcome implements FeedForwardObserver, SparsityAuditor {

    private float[] logits = {};
    private final List<Integer> counts = new ArrayList<>();
    private final List<float[]> neurons = new ArrayList<>();
    private final List<String> audits = new ArrayList<>();

    @Override
    public boolean trusts(int layer) {
      return true;
    }

    @Override
    public boolean audits(int layer, int position) {
      return true;
    }

    @Override
    public void onPrediction(int layer, int active, int named, int found) {
      audits.add("layer %d: %d of %d, %d named".formatted(layer, found, active, named));
    }

    @Override
    public void onError(int layer, double cett) {
      audits.add("layer %d: CETT %s".formatted(layer, cett));
    }

    @Override
    public void onAttentionInput(int layer, FloatTensor input, int rows) {
      assertTrue(rows > 0);
    }

    @Override
    public void onNeurons(int layer, FloatTensor activations, int rows) {
      for (int row = 0; row < rows; row++) {
        float[] values = activations.row(row);
        for (int i = 0; i < values.length; i++) {
          values[i] += 0f; // Of zeros, the sign does not count.
        }
        neurons.add(values);
      }
    }
  }
}
