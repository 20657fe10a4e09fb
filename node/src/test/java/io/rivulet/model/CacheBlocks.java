package io.rivulet.model;

import java.util.stream.IntStream;

/** Tables of a sequence's blocks in the key-value cache. */
public final class CacheBlocks {

  private CacheBlocks() {}

  /** All blocks of a cache, in order: for one sequence that has it to itself. */
  public static int[] all(ForwardPass pass) {
    return IntStream.range(0, pass.cacheBlocks()).toArray();
  }
}
