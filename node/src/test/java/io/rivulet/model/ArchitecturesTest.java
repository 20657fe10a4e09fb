package io.rivulet.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.rivulet.Allocations;
import io.rivulet.kernels.Kernels;
import io.rivulet.kernels.ThreadTeam;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@link ForwardPassTest} holds of two models, held of every way in which models differ. */
class ArchitecturesTest {

  private static final int LENGTH = 24;
  private static final int CACHE = 100;

  static List<Path> models() throws IOException {
    try (var files = Files.list(Reference.model("architectures/llama").getParent())) {
      return files.filter(file -> file.toString().endsWith(".gguf")).sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void chunksThreadsAndLeftOutZerosChangeNoBit(Path file) {
    try (var model = LoadedModel.open(file, Kernels.select())) {
      float[] expected = lastLogits(model, 1, LENGTH, false);
      for (float logit : expected) {
        assertTrue(Float.isFinite(logit));
      }
      assertArrayEquals(expected, lastLogits(model, 3, LENGTH, false));
      assertArrayEquals(expected, lastLogits(model, 2, 7, true));
      assertArrayEquals(expected, lastLogits(model, 2, 1, true));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"relu", "relu2", "fatrelu", "drelu", "nemotron", "arcee", "bitnet-b1.58", "opt"})
  void neuronsThatAreZeroAreLeftOut(String name) {
    try (var model = open(name);
        var team = new ThreadTeam(1);
        var pass = model.transformer().forwardPass(team, LENGTH, 1, CACHE)) {
      Batch batch = new Batch(LENGTH);
      int[] blocks = CacheBlocks.all(pass);
      int[] tokens = tokens(model);
      for (int at = 0; at < LENGTH; at++) {
        batch.add(tokens[at], at, blocks, SparsityMode.EXACT, false);
      }
      pass.run(batch);
      int active = pass.activeNeurons(LENGTH - 1, 0);
      assertTrue(active > 0 && active < model.spec().neurons(), "active: " + active);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"gemma3", "gemma2", "falcon-40b", "bitnet-scales", "phi3", "opt", "drelu"})
  void aStepAllocatesNothing(String name) {
    try (var model = open(name);
        var team = new ThreadTeam(1);
        var pass = model.transformer().forwardPass(team, 1, 1, CACHE)) {
      Batch batch = new Batch(1);
      int[] blocks = CacheBlocks.all(pass);
      Allocations.assertNoneOnceWarm(
          () -> {
            for (int at = 0; at < 40; at++) {
              batch.clear();
              batch.add(5 + at, at, blocks, SparsityMode.EXACT, true);
              pass.run(batch);
            }
          });
    }
  }

  private static LoadedModel open(String name) {
    return LoadedModel.open(Reference.model("architectures/" + name), Kernels.select());
  }

  private static float[] lastLogits(LoadedModel model, int threads, int chunk, boolean sparse) {
    int[] tokens = tokens(model);
    try (var team = new ThreadTeam(threads);
        var pass = model.transformer().forwardPass(team, LENGTH, 1, CACHE)) {
      Batch batch = new Batch(LENGTH);
      int[] blocks = CacheBlocks.all(pass);
      for (int from = 0; from < LENGTH; from += chunk) {
        batch.clear();
        for (int at = from; at < Math.min(LENGTH, from + chunk); at++) {
          batch.add(
              tokens[at],
              at,
              blocks,
              sparse ? SparsityMode.EXACT : SparsityMode.OFF,
              at == LENGTH - 1);
        }
        pass.run(batch);
      }
      return pass.logits().row(0);
    }
  }

  private static int[] tokens(LoadedModel model) {
    return new Random(5).ints(LENGTH, 3, model.spec().vocabulary()).toArray();
  }
}
