package io.rivulet.kernels;

/**
 * How the blocks of a row are dealt to the 16 lanes of a sum, so that a lane's weights share their
 * scale and products of whole numbers add up without leaving it.
 *
 * <p>A group is 16 blocks of 32 weights, one a lane. What is left of a row follows in groups of 8,
 * 4, 2 and 1 blocks, of which a lane has the half, a quarter, ... in order. A lane's weights are
 * taken in pairs of neighbours, the first pair of every lane together, then the second, ...: a pair
 * of products in 16 bits adds up to 32 bits, the width of a lane.
 */
final class LaneGroups {

  /** Weights that share a scale. */
  static final int BLOCK = 32;

  /** Weights of a whole group. */
  static final int GROUP = BLOCK * Lanes.COUNT;

  /** Kernels take as many pairs at a time. */
  private static final int FEWEST_PAIRS = 4;

  private final int[] blocks;
  private final int[] pairs;
  private final int allPairs;

  private LaneGroups(int[] blocks, int[] pairs, int allPairs) {
    this.blocks = blocks;
    this.pairs = pairs;
    this.allPairs = allPairs;
  }

  /** The groups of a row of so many columns, a multiple of {@link #BLOCK}. */
  static LaneGroups of(int cols) {
    int rest = cols / BLOCK;
    int whole = rest / Lanes.COUNT;
    int count = whole + Integer.bitCount(rest % Lanes.COUNT);
    int[] blocks = new int[count];
    int[] pairs = new int[count];
    int allPairs = 0;
    for (int group = 0; group < count; group++) {
      blocks[group] = Math.min(Lanes.COUNT, Integer.highestOneBit(rest));
      pairs[group] = Math.max(FEWEST_PAIRS, blocks[group]);
      allPairs += pairs[group];
      rest -= blocks[group];
    }
    return new LaneGroups(blocks, pairs, allPairs);
  }

  /** Groups of a row. */
  int count() {
    return blocks.length;
  }

  /** Blocks of a group: 16, 8, 4, 2 or 1. */
  int blocks(int group) {
    return blocks[group];
  }

  /**
   * Pairs that each lane of a group has: as many as the group has blocks, but at least 4, of which
   * the last are zero then.
   */
  int pairs(int group) {
    return pairs[group];
  }

  /** Pairs that each lane has in all groups. */
  int allPairs() {
    return allPairs;
  }
}
