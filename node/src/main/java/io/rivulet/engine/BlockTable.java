package io.rivulet.engine;

import io.rivulet.model.ForwardPass;
import io.rivulet.model.SparsityMode;

/**
 * Where the keys and values of a sequence are: the blocks of the cache, in the order of its
 * positions. The {@link KeyValueSpace} fills it.
 */
final class BlockTable {

  private static final int ROOT = -1;

  /** As many as the sequence can come to need. */
  final int[] blocks;

  /** How many of them it has. */
  int held;

  /** How many of those can be found by other sequences, and are not to be written again. */
  int complete;

  /** The changes of the space up to when it found no room there. */
  long refusedAt = -1;

  private final int shareable;
  private final int findable;

  /**
   * A table without blocks.
   *
   * @param prompt tokens of the prompt
   * @param positions that the sequence can come to need
   * @param mode what its answer is computed in; a block of an answer is found by others only where
   *     they, as part of a prompt, would compute the same bits
   */
  BlockTable(int prompt, int positions, SparsityMode mode) {
    blocks = new int[Math.ceilDiv(positions, ForwardPass.BLOCK_TOKENS)];
    shareable = (prompt - 1) / ForwardPass.BLOCK_TOKENS;
    findable = mode.calibrated() ? prompt / ForwardPass.BLOCK_TOKENS : blocks.length;
  }

  /**
   * Blocks that may come from another sequence with the same tokens: those full of the prompt's
   * tokens, but the last token is computed in any case, since what follows is drawn from it.
   */
  int shareable() {
    return shareable;
  }

  /** Blocks from the first on that other sequences may find once they are full. */
  int findable() {
    return findable;
  }

  /** The block before one; before the first comes the root, which is no block's number. */
  int parent(int index) {
    return index == 0 ? ROOT : blocks[index - 1];
  }
}
