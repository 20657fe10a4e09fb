package io.rivulet.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.rivulet.Allocations;
import io.rivulet.kernels.Kernels;
import io.rivulet.kernels.KeyValueType;
import io.rivulet.kernels.ThreadTeam;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What must not change a single bit of the results, and what a step may cost. */
class ForwardPassTest {

  private static final int LENGTH = 90;
  private static final int CACHE = 400;

  private static LoadedModel nemotron;
  private static LoadedModel llama;

  @BeforeAll
  static void open() {
    nemotron = LoadedModel.open(Reference.model("nemotron"), Kernels.select());
    llama = LoadedModel.open(Reference.model("llama"), Kernels.select());
  }

  @AfterAll
  static void close() {
    nemotron.close();
    llama.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 5})
  void anyNumberOfThreadsGivesTheSameBits(int threads) {
    assertArrayEquals(
        lastLogits(nemotron, 1, LENGTH, true), lastLogits(nemotron, threads, LENGTH, true));
    assertArrayEquals(lastLogits(llama, 1, LENGTH, true), lastLogits(llama, threads, LENGTH, true));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 23})
  void aPromptInChunksGivesTheSameBits(int chunk) {
    assertArrayEquals(lastLogits(nemotron, 2, LENGTH, true), lastLogits(nemotron, 2, chunk, true));
    assertArrayEquals(lastLogits(llama, 2, LENGTH, true), lastLogits(llama, 2, chunk, true));
  }

  @Test
  void aPromptInChunksReadsWhatTheCacheHasRoundedAsAWholeOneDoes() {
    float[] whole = lastLogits(llama, 2, LENGTH, true, KeyValueType.F16);
    assertArrayEquals(whole, lastLogits(llama, 1, 23, true, KeyValueType.F16));
    assertFalse(Arrays.equals(whole, lastLogits(llama, 2, LENGTH, true)));
  }

  @Test
  void leavingOutZeroNeuronsGivesTheSameBits() {
    assertArrayEquals(
        lastLogits(nemotron, 2, LENGTH, false), lastLogits(nemotron, 2, LENGTH, true));
  }

  @Test
  void companyInTheBatchGivesTheSameBits() {
    int[] tokens = tokens(1, LENGTH);
    float[] alone = lastLogits(nemotron, 2, LENGTH, true);
    try (var team = new ThreadTeam(2);
        var pass = nemotron.transformer().forwardPass(team, 200, 8, CACHE)) {
      Batch batch = new Batch(200);
      int[] ours = {9, 3, 8, 1};
      int[][] blocks = {{0}, {2}, {4}, {5}, {6}, {7}, {10}};
      // Seven others, prompts of several lengths, before, between and after.
      for (int other = 0; other < 7; other++) {
        int[] theirs = tokens(100 + other, 10 + other);
        for (int at = 0; at < theirs.length; at++) {
          batch.add(
              theirs[at],
              at,
              blocks[other],
              other % 2 == 0 ? SparsityMode.EXACT : SparsityMode.OFF,
              at == theirs.length - 1);
        }
        if (other == 3) {
          for (int at = 0; at < LENGTH; at++) {
            batch.add(tokens[at], at, ours, SparsityMode.EXACT, at == LENGTH - 1);
          }
        }
      }
      pass.run(batch);
      assertArrayEquals(alone, pass.logits().row(4));
    }
  }

  @Test
  void countsTheRowsThatWereRead() {
    try (var team = new ThreadTeam(1);
        var pass = nemotron.transformer().forwardPass(team, 2, 1, CACHE)) {
      Batch batch = new Batch(2);
      batch.add(1, 0, new int[] {0}, SparsityMode.OFF, false);
      batch.add(1, 0, new int[] {1}, SparsityMode.EXACT, false);
      pass.run(batch);
      int all = nemotron.spec().neurons();
      assertEquals(all, pass.activeNeurons(0, 1));
      assertTrue(pass.activeNeurons(1, 1) > 0 && pass.activeNeurons(1, 1) < all);
    }
  }

  @Test
  void aStepAllocatesNothing() {
    try (var team = new ThreadTeam(1);
        var pass = nemotron.transformer().forwardPass(team, 2, 2, CACHE)) {
      Batch batch = new Batch(2);
      int[] first = {0, 3};
      int[] second = {2, 1};
      Allocations.assertNoneOnceWarm(
          () -> {
            for (int at = 0; at < 40; at++) {
              batch.clear();
              batch.add(5 + at, at, first, SparsityMode.EXACT, true);
              batch.add(6 + at, at, second, SparsityMode.OFF, true);
              pass.run(batch);
            }
          });
    }
  }

  @Test
  void refusesWhatIsOutOfRange() {
    try (var team = new ThreadTeam(1);
        var pass = nemotron.transformer().forwardPass(team, 2, 1, 50)) {
      int[] blocks = {0, 1};
      assertThrows(IndexOutOfBoundsException.class, () -> runOne(pass, -1, 0, blocks));
      int vocabulary = nemotron.spec().vocabulary();
      assertThrows(IndexOutOfBoundsException.class, () -> runOne(pass, vocabulary, 0, blocks));
      int[] many = new int[nemotron.spec().context()];
      assertThrows(
          IndexOutOfBoundsException.class, () -> runOne(pass, 1, nemotron.spec().context(), many));
      assertThrows(IndexOutOfBoundsException.class, () -> runOne(pass, 1, 64, blocks));
      assertThrows(IndexOutOfBoundsException.class, () -> runOne(pass, 1, 0, new int[] {2}));
    }
  }

  private static void runOne(ForwardPass pass, int token, int position, int[] blocks) {
    Batch batch = new Batch(1);
    batch.add(token, position, blocks, SparsityMode.EXACT, true);
    pass.run(batch);
  }

  private static float[] lastLogits(LoadedModel model, int threads, int chunk, boolean skipZeros) {
    return lastLogits(model, threads, chunk, skipZeros, KeyValueType.F32);
  }

  private static float[] lastLogits(
      LoadedModel model, int threads, int chunk, boolean skipZeros, KeyValueType type) {
    int[] tokens = tokens(1, LENGTH);
    try (var team = new ThreadTeam(threads);
        var pass = model.transformer().forwardPass(team, chunk, 1, LENGTH, type)) {
      Batch batch = new Batch(chunk);
      int[] blocks = CacheBlocks.all(pass);
      for (int from = 0; from < LENGTH; from += chunk) {
        batch.clear();
        for (int at = from; at < Math.min(LENGTH, from + chunk); at++) {
          batch.add(
              tokens[at],
              at,
              blocks,
              skipZeros ? SparsityMode.EXACT : SparsityMode.OFF,
              at == LENGTH - 1);
        }
        pass.run(batch);
      }
      return pass.logits().row(0);
    }
  }

  private static int[] tokens(long seed, int length) {
    Random random = new Random(seed);
    return random.ints(length, 3, nemotron.spec().vocabulary()).toArray();
  }
}
