package io.rivulet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.rivulet.model.ForwardPass;
import io.rivulet.model.SparsityMode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class KeyValueSpaceTest {

  private static final int BLOCK = ForwardPass.BLOCK_TOKENS;

  /** A sequence as the engine runs it; what a position holds is the hash of the tokens so far. */
  private static final class Runner {

    final KeyValueSpace space;
    final int prompt;
    final int[] tokens;
    final BlockTable table;
    int computed;

    Runner(KeyValueSpace space, int prompt, int... tokens) {
      this(space, SparsityMode.EXACT, prompt, tokens);
    }

    Runner(KeyValueSpace space, SparsityMode mode, int prompt, int... tokens) {
      this.space = space;
      this.prompt = prompt;
      this.tokens = tokens;
      table = new BlockTable(prompt, tokens.length, mode);
    }

    boolean admit() {
      boolean admitted = space.admit(table, tokens);
      computed = table.held * BLOCK;
      return admitted;
    }

    void share() {
      if (computed % BLOCK == 0) {
        computed += BLOCK * space.share(table, tokens);
      }
    }

    void compute(int count, int[][] cache) {
      for (int i = 0; i < count; i++) {
        if (computed % BLOCK == 0) {
          space.extend(table);
        }
        cache[table.blocks[computed / BLOCK]][computed % BLOCK] = hash(computed);
        computed++;
      }
      space.complete(table, tokens, computed);
    }

    void computeAll() {
      compute(tokens.length - computed, new int[100][BLOCK]);
    }

    int hash(int position) {
      return Arrays.hashCode(Arrays.copyOf(tokens, position + 1));
    }

    void requireIntact(int[][] cache) {
      for (int position = 0; position < computed; position++) {
        assertEquals(
            hash(position), cache[table.blocks[position / BLOCK]][position % BLOCK], "position");
      }
    }
  }

  /** So many blocks of the same number, one block for each argument. */
  private static int[] blocksOf(int... numbers) {
    int[] tokens = new int[numbers.length * BLOCK];
    for (int i = 0; i < tokens.length; i++) {
      tokens[i] = numbers[i / BLOCK];
    }
    return tokens;
  }

  private static Runner run(KeyValueSpace space, int... numbers) {
    int[] tokens = blocksOf(numbers);
    var runner = new Runner(space, tokens.length, tokens);
    assertTrue(runner.admit());
    runner.computeAll();
    return runner;
  }

  /** Blocks that a prompt of these blocks and a token more finds. */
  private static int found(KeyValueSpace space, int... numbers) {
    int[] tokens = Arrays.copyOf(blocksOf(numbers), numbers.length * BLOCK + 1);
    var runner = new Runner(space, tokens.length, tokens);
    assertTrue(runner.admit());
    int found = runner.table.held;
    space.leave(runner.table);
    return found;
  }

  @Test
  void hasRoomForAFullBatchWhereThatIsNotTooMuch() {
    assertEquals(8 * 512, KeyValueSpace.defaultCapacity(8, 512, 8 << 10, 24L << 30));
    assertEquals(8192, KeyValueSpace.defaultCapacity(8, 131_072, 64 << 10, 24L << 30));
  }

  @Test
  void hasRoomForOneSequenceOfALargeModelWhereTheMachineHasTheMemory() {
    long mebibyte = 1 << 20;
    assertEquals(4096, KeyValueSpace.defaultCapacity(8, 4096, mebibyte, 24L << 30));
    assertEquals(2048, KeyValueSpace.defaultCapacity(8, 4096, mebibyte, 8L << 30));
    assertEquals(512, KeyValueSpace.defaultCapacity(8, 4096, mebibyte, 1L << 30));
    assertEquals(4096, KeyValueSpace.defaultCapacity(1, 131_072, mebibyte, 64L << 30));
  }

  /** As part of a prompt, its tokens would be computed to other bits. */
  @Test
  void ofASequenceThatLeavesOutNeuronsOnlyThePromptIsFound() {
    for (SparsityMode mode : SparsityMode.values()) {
      var space = new KeyValueSpace(8, 8);
      var runner = new Runner(space, mode, 2 * BLOCK + 5, blocksOf(1, 2, 3, 4));
      assertTrue(runner.admit());
      runner.computeAll();
      space.leave(runner.table);
      assertEquals(mode.calibrated() ? 2 : 4, found(space, 1, 2, 3, 4), mode.name());
    }
  }

  @Test
  void letsInWhatItHasBlocksForToTheLastTokenAndNoMore() {
    var space = new KeyValueSpace(4, 4);
    var first = new Runner(space, 1, new int[2 * BLOCK + 1]);
    var second = new Runner(space, 1, new int[BLOCK + 1]);
    assertTrue(first.admit());
    assertEquals(3, space.used());
    assertFalse(second.admit());
    assertEquals(3, space.used());
    first.computeAll();
    space.leave(first.table);
    assertTrue(second.admit());
    assertEquals(2, space.used());
  }

  @Test
  void sharesTheFullBlocksOfTheBeginningAlone() {
    var space = new KeyValueSpace(20, 20);
    Runner first = run(space, 1, 2, 3);
    Runner second = run(space, 1, 2, 4);
    assertEquals(first.table.blocks[0], second.table.blocks[0]);
    assertEquals(first.table.blocks[1], second.table.blocks[1]);
    assertNotEquals(first.table.blocks[2], second.table.blocks[2]);
    assertEquals(4, space.used());
    assertEquals(2, found(space, 1, 2, 2));
    assertEquals(0, found(space, 2, 3));
    space.leave(first.table);
    space.leave(second.table);
    assertEquals(0, space.used());
    assertEquals(3, found(space, 1, 2, 4, 4));
  }

  @Test
  void thePromptsLastTokenIsNeverShared() {
    var space = new KeyValueSpace(20, 20);
    run(space, 1, 2);
    int[] tokens = blocksOf(1, 2);
    var same = new Runner(space, tokens.length, tokens);
    assertTrue(same.admit());
    assertEquals(1, same.table.held);
  }

  @Test
  void whatIsGeneratedIsFoundByThePromptThatContainsIt() {
    var space = new KeyValueSpace(20, 20);
    var first = new Runner(space, 5, blocksOf(1, 2, 3));
    assertTrue(first.admit());
    first.computeAll();
    space.leave(first.table);
    assertEquals(3, found(space, 1, 2, 3));
  }

  @Test
  void equalBlocksThatWereComputedTwiceBecomeOne() {
    var space = new KeyValueSpace(20, 20);
    int[] tokens = blocksOf(1, 2);
    var first = new Runner(space, tokens.length, tokens);
    var second = new Runner(space, tokens.length, tokens);
    assertTrue(first.admit());
    assertTrue(second.admit());
    first.computeAll();
    second.computeAll();
    assertEquals(2, space.used());
    assertEquals(2, space.findable());
    space.leave(first.table);
    assertEquals(2, space.used());
    space.leave(second.table);
    assertEquals(0, space.used());
  }

  @Test
  void blocksThatAreNotFullOrNotComputedAreNotFound() {
    var space = new KeyValueSpace(20, 20);
    var runner = new Runner(space, 3 * BLOCK, blocksOf(1, 2, 3));
    assertTrue(runner.admit());
    runner.compute(2 * BLOCK - 1, new int[20][BLOCK]);
    assertEquals(1, found(space, 1, 2));
    space.leave(runner.table);
    assertEquals(1, found(space, 1, 2));
  }

  @Test
  void takesTheLeastRecentlyUsedAndTheEndBeforeTheBeginning() {
    var space = new KeyValueSpace(6, 6);
    Runner older = run(space, 1, 2, 3);
    Runner newer = run(space, 4, 5, 6);
    space.leave(older.table);
    space.leave(newer.table);
    space.leave(run(space, 7).table);
    assertEquals(1, space.evictions());
    assertEquals(2, found(space, 1, 2, 3));
    // Looked at last, the older one is now the newer.
    space.leave(run(space, 8, 9).table);
    assertEquals(1, found(space, 4, 5));
    assertEquals(2, found(space, 1, 2));
  }

  @Test
  void aBudgetBoundsWhatNobodyHolds() {
    var space = new KeyValueSpace(20, 2);
    Runner runner = run(space, 1, 2, 3);
    assertEquals(3, found(space, 1, 2, 3));
    space.leave(runner.table);
    assertEquals(2, space.findable());
    assertEquals(2, found(space, 1, 2, 3));
  }

  @Test
  void withoutABudgetNothingIsShared() {
    var space = new KeyValueSpace(20, 0);
    run(space, 1, 2, 3);
    assertEquals(0, space.findable());
    assertEquals(0, found(space, 1, 2, 3));
  }

  @Test
  void whoWaitsIsLetInAsSoonAsOneWhoComesAnew() {
    var random = new Random(11);
    for (int mostIdle : new int[] {0, 3, 12}) {
      var space = new KeyValueSpace(12, mostIdle);
      int[][] cache = new int[12][BLOCK];
      List<Runner> running = new ArrayList<>();
      int refusals = 0;
      Runner waiting = randomRunner(space, random);
      for (int i = 0; i < 20_000; i++) {
        if (waiting.admit()) {
          running.add(waiting);
          waiting = randomRunner(space, random);
        } else {
          refusals++;
          assertFalse(new Runner(space, waiting.prompt, waiting.tokens).admit(), "step " + i);
        }
        if (running.isEmpty()) {
          continue;
        }
        Runner runner = running.get(random.nextInt(running.size()));
        switch (random.nextInt(3)) {
          case 0 -> runner.share();
          case 1 -> runner.compute(Math.min(BLOCK, runner.tokens.length - runner.computed), cache);
          default -> {
            if (random.nextInt(8) == 0) {
              running.remove(runner);
              space.leave(runner.table);
            }
          }
        }
      }
      assertTrue(refusals > 1000, "refusals: " + refusals);
    }
  }

  private static Runner randomRunner(KeyValueSpace space, Random random) {
    int[] tokens = blocksOf(random.ints(1 + random.nextInt(6), 0, 2).toArray());
    return new Runner(space, 1 + random.nextInt(tokens.length), tokens);
  }

  @Test
  void nobodyEverWritesWhatAnotherReads() {
    var random = new Random(9);
    for (int mostIdle : new int[] {0, 3, 24}) {
      var space = new KeyValueSpace(24, mostIdle);
      int[][] cache = new int[24][BLOCK];
      List<Runner> running = new ArrayList<>();
      int shared = 0;
      for (int i = 0; i < 6000; i++) {
        if (random.nextInt(3) == 0) {
          int[] numbers = random.ints(1 + random.nextInt(6), 0, 2).toArray();
          int[] tokens = blocksOf(numbers);
          int length = 1 + random.nextInt(tokens.length);
          var runner = new Runner(space, 1 + random.nextInt(length), Arrays.copyOf(tokens, length));
          if (runner.admit()) {
            shared += runner.table.held;
            running.add(runner);
          }
        } else if (!running.isEmpty()) {
          Runner runner = running.get(random.nextInt(running.size()));
          runner.share();
          runner.compute(random.nextInt(runner.tokens.length - runner.computed + 1), cache);
          if (runner.computed == runner.tokens.length || random.nextInt(6) == 0) {
            running.remove(runner);
            space.leave(runner.table);
          }
        }
        for (Runner runner : running) {
          runner.requireIntact(cache);
        }
        assertTrue(space.used() <= 24);
      }
      assertEquals(mostIdle > 0, shared > 100, "blocks shared: " + shared);
      for (Runner runner : running) {
        space.leave(runner.table);
      }
      assertEquals(0, space.used());
      assertTrue(space.findable() <= mostIdle);
    }
  }
}
