package io.rivulet.engine;

/** Blocks in the order in which they were added, each at most once. Allocates when it is made. */
final class BlockQueue {

  /** A ring of links; the one past the last block is its beginning and its end. */
  private final int[] next;

  private final int[] previous;
  private final int ends;
  private int size;

  /** An empty queue for blocks numbered from 0 on. */
  BlockQueue(int blocks) {
    next = new int[blocks + 1];
    previous = new int[blocks + 1];
    ends = blocks;
    next[ends] = ends;
    previous[ends] = ends;
  }

  int size() {
    return size;
  }

  /** The block that has been here longest; there must be one. */
  int first() {
    return next[ends];
  }

  /** Adds a block that is not here as the last. */
  void add(int block) {
    int last = previous[ends];
    next[last] = block;
    previous[block] = last;
    next[block] = ends;
    previous[ends] = block;
    size++;
  }

  /** Removes a block that is here. */
  void remove(int block) {
    next[previous[block]] = next[block];
    previous[next[block]] = previous[block];
    size--;
  }
}
