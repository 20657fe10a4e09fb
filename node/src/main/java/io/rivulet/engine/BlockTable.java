package io.rivulet.engine;

import io.rivulet.model.ForwardPass;

/**
 * Where the keys and values of a sequence are: the blocks of the cache, in the order of its
 * positions. The {@link KeyValueSpace} fills it.
 */
final class BlockTable {

  /** As many as the sequence can come to need. */
  final int[] blocks;

  /** How many of them it has. */
  int held;

  /** How many of those can be found by other sequences, and are not to be written again. */
  int complete;

  /** The changes of the space up to when it found no room there. */
  long refusedAt = -1;

  private final int root;
  private final int shareable;

  /**
   * A table without blocks.
   *
   * @param prompt tokens of the prompt
   * @param positions that the sequence can come to need
   */
  BlockTable(int prompt, int positions, SparsityMode sparsity) {
    blocks = new int[Math.ceilDiv(positions, ForwardPass.BLOCK_TOKENS)];
    root = ~sparsity.keysAndValues();
    shareable = (prompt - 1) / ForwardPass.BLOCK_TOKENS;
  }

  /**
   * Blocks that may come from another sequence with the same tokens: those full of the prompt's
   * tokens, but the last token is computed in any case, since what follows is drawn from it.
   */
  int shareable() {
    return shareable;
  }

  /**
   * The block before one. Before the first comes the root of all sequences that can share blocks: a
   * negative number, as no block's is.
   */
  int parent(int index) {
    return index == 0 ? root : blocks[index - 1];
  }
}
