package io.rivulet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.rivulet.model.ForwardPass;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class PrefixIndexTest {

  private static final int BLOCK = ForwardPass.BLOCK_TOKENS;
  private static final int ROOT = -1;

  /** Tokens that differ, but whose sums with powers of 31 are all the same. */
  private static int[] colliding(int variant) {
    int[] tokens = new int[BLOCK];
    tokens[0] = variant;
    tokens[1] = 31 * (1000 - variant);
    return tokens;
  }

  @Test
  void equalHashesDoNotMakeEqualBlocks() {
    var index = new PrefixIndex(100);
    for (int block = 0; block < 50; block++) {
      assertEquals(PrefixIndex.NONE, index.find(ROOT, colliding(block), 0));
      index.add(block, ROOT, colliding(block), 0);
    }
    for (int block = 0; block < 50; block += 2) {
      index.remove(block);
    }
    for (int block = 0; block < 50; block++) {
      int expected = block % 2 == 0 ? PrefixIndex.NONE : block;
      assertEquals(expected, index.find(ROOT, colliding(block), 0));
      assertEquals(block % 2 == 1, index.contains(block));
    }
    assertEquals(25, index.size());
  }

  @Test
  void theSameTokensAfterOthersAreAnotherBlock() {
    var index = new PrefixIndex(10);
    int[] text = new int[3 * BLOCK];
    Arrays.fill(text, 0, 2 * BLOCK, 7);
    index.add(4, ROOT, text, 0);
    index.add(2, 4, text, BLOCK);
    assertEquals(4, index.find(ROOT, text, BLOCK));
    assertEquals(2, index.find(4, text, 0));
    assertEquals(PrefixIndex.NONE, index.find(2, text, 0));
    assertEquals(PrefixIndex.NONE, index.find(4, text, BLOCK + 1));
    assertEquals(PrefixIndex.NONE, index.find(-2, text, 0));
  }

  @Test
  void aBlockMayComeBackWithOtherTokens() {
    var index = new PrefixIndex(1);
    index.add(0, ROOT, colliding(1), 0);
    index.remove(0);
    assertFalse(index.contains(0));
    index.add(0, ROOT, colliding(2), 0);
    assertTrue(index.contains(0));
    assertEquals(PrefixIndex.NONE, index.find(ROOT, colliding(1), 0));
    assertEquals(0, index.find(ROOT, colliding(2), 0));
  }
}
