package io.rivulet.engine;

import io.rivulet.model.ForwardPass;
import java.util.Arrays;

/**
 * Finds blocks of the key-value cache by the tokens that they were computed from. Keys and values
 * depend on all tokens up to their own, so a block is known by its own tokens and the block before
 * it, which is known in the same way. A hash leads to it, but only the tokens themselves decide.
 *
 * <p>A block must not leave before those that come after it. Allocates when it is made.
 */
final class PrefixIndex {

  /** No block. */
  static final int NONE = -1;

  /** 2 to the 32 by the golden ratio: spreads hashes over their upper bits (Knuth, vol. 3). */
  private static final int SPREAD = 0x9E3779B9;

  private static final int LENGTH = ForwardPass.BLOCK_TOKENS;

  /** By block: its tokens, and the block before it or the root of its chain. */
  private final int[] tokens;

  private final int[] parents;
  private final boolean[] known;

  /** By hash the first block, and by block the next one of the same hash. */
  private final int[] heads;

  private final int[] nexts;
  private final int shift;
  private int size;

  /** An empty index for blocks numbered from 0 on. */
  PrefixIndex(int blocks) {
    tokens = new int[Math.multiplyExact(blocks, LENGTH)];
    parents = new int[blocks];
    known = new boolean[blocks];
    nexts = new int[blocks];
    int bits = Integer.SIZE - Integer.numberOfLeadingZeros(blocks);
    heads = new int[1 << bits];
    Arrays.fill(heads, NONE);
    shift = Integer.SIZE - bits;
  }

  /** Blocks that can be found. */
  int size() {
    return size;
  }

  boolean contains(int block) {
    return known[block];
  }

  /**
   * The block that was added with this parent and these tokens, or {@link #NONE}.
   *
   * @param text holds the block's tokens from {@code from} on
   */
  int find(int parent, int[] text, int from) {
    int block = heads[hash(parent, text, from)];
    while (block != NONE && !is(block, parent, text, from)) {
      block = nexts[block];
    }
    return block;
  }

  /** Adds a block which cannot be found yet, nor another with the same parent and tokens. */
  void add(int block, int parent, int[] text, int from) {
    System.arraycopy(text, from, tokens, block * LENGTH, LENGTH);
    parents[block] = parent;
    known[block] = true;
    int hash = hash(parent, text, from);
    nexts[block] = heads[hash];
    heads[hash] = block;
    size++;
  }

  /** Removes a block that can be found. */
  void remove(int block) {
    int hash = hash(parents[block], tokens, block * LENGTH);
    if (heads[hash] == block) {
      heads[hash] = nexts[block];
    } else {
      int before = heads[hash];
      while (nexts[before] != block) {
        before = nexts[before];
      }
      nexts[before] = nexts[block];
    }
    known[block] = false;
    size--;
  }

  private boolean is(int block, int parent, int[] text, int from) {
    int start = block * LENGTH;
    return parents[block] == parent
        && Arrays.equals(tokens, start, start + LENGTH, text, from, from + LENGTH);
  }

  private int hash(int parent, int[] text, int from) {
    int hash = parent;
    for (int i = from; i < from + LENGTH; i++) {
      hash = 31 * hash + text[i];
    }
    return (hash * SPREAD) >>> shift;
  }
}
