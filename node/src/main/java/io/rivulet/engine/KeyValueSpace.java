package io.rivulet.engine;

import io.rivulet.model.ForwardPass;

/**
 * Divides the blocks of the key-value cache among sequences. A sequence is let in only when there
 * are blocks for all that it can come to need, so that no running sequence is ever evicted; it
 * takes them one by one, as it grows.
 *
 * <p>A block that is full can be found by its tokens, and any number of sequences hold it. When the
 * last lets go, it stays findable until its place is needed: the block goes first that was let go
 * first. A sequence lets go of its last block first and holds all blocks before one that it holds,
 * so a block always goes before those that it continues.
 *
 * <p>Allocates when it is made. For one thread.
 */
final class KeyValueSpace {

  private static final long MOST_BYTES = 512L << 20;

  /** Positions that one sequence is to have even where they take more than that. */
  private static final int USUAL_SEQUENCE = 4096;

  private static final int SHARE_OF_MEMORY = 4;

  /** By block: the sequences that hold it. */
  private final int[] holders;

  /** Blocks that nobody holds and that hold nothing. */
  private final BlockQueue empty;

  /** Blocks that nobody holds and that can be found. */
  private final BlockQueue idle;

  private final int mostIdle;
  private final PrefixIndex prefixes;

  /** Blocks that sequences may still take. */
  private int promised;

  private long evictions;

  /** Counts all that can make room for a sequence that found none. */
  private long changes;

  /**
   * A space of empty blocks.
   *
   * @param mostIdle blocks that nobody holds and that stay findable; 0: sequences share no blocks
   */
  KeyValueSpace(int blocks, int mostIdle) {
    holders = new int[blocks];
    empty = new BlockQueue(blocks);
    idle = new BlockQueue(blocks);
    prefixes = new PrefixIndex(blocks);
    this.mostIdle = mostIdle;
    for (int block = 0; block < blocks; block++) {
      empty.add(block);
    }
  }

  /**
   * How many positions a cache has where nobody says: those of a full batch, unless they take too
   * much memory; then as many as do not, but enough for one sequence of usual length if they take
   * no more than a share of the machine's memory.
   *
   * @param bytesPerToken that a position takes
   * @param memory bytes that the machine has
   */
  static int defaultCapacity(int sequences, int context, long bytesPerToken, long memory) {
    long wanted = (long) sequences * context;
    long one = Math.min(context, USUAL_SEQUENCE);
    long affordable =
        Math.max(
            MOST_BYTES / bytesPerToken, Math.min(one, memory / SHARE_OF_MEMORY / bytesPerToken));
    return Math.clamp(Math.min(wanted, affordable), 1, Integer.MAX_VALUE);
  }

  /** Blocks that sequences hold or may still take. */
  int used() {
    return holders.length - available();
  }

  /** Blocks that can be found by their tokens. */
  int findable() {
    return prefixes.size();
  }

  /** Blocks that could be found and were given to other tokens, or went beyond the budget. */
  long evictions() {
    return evictions;
  }

  /** Whether sequences share blocks. */
  boolean shares() {
    return mostIdle > 0;
  }

  /**
   * Lets a sequence in: it holds the blocks of its prompt that are found, and is promised the rest.
   * One that found no room is refused without another look until something has changed.
   *
   * @param tokens begin with the prompt's
   * @return false if there is no room for it yet; it then holds nothing
   */
  boolean admit(BlockTable table, int[] tokens) {
    if (table.refusedAt == changes) {
      return false;
    }
    hold(table, tokens);
    int rest = table.blocks.length - table.held;
    if (rest > available()) {
      letGo(table);
      table.refusedAt = changes;
      return false;
    }
    promised += rest;
    return true;
  }

  /**
   * Gives a sequence that is at the end of a block those of its prompt's next blocks that are found
   * by now.
   *
   * @return how many
   */
  int share(BlockTable table, int[] tokens) {
    int before = table.held;
    hold(table, tokens);
    int found = table.held - before;
    if (found > 0) {
      promised -= found;
      changes++;
    }
    return found;
  }

  /** Gives a sequence the next of the blocks that it was promised. */
  void extend(BlockTable table) {
    int block = empty.size() > 0 ? empty.first() : evict();
    empty.remove(block);
    holders[block] = 1;
    table.blocks[table.held++] = block;
    promised--;
  }

  /**
   * Makes those of a sequence's blocks findable that are full. Where another sequence was first
   * with the same tokens, both hold its block from now on, in which the same bits are.
   *
   * @param tokens the sequence's from position 0 on
   * @param computed how many of them are in the cache and to be trusted
   */
  void complete(BlockTable table, int[] tokens, int computed) {
    int full = shares() ? Math.min(computed / ForwardPass.BLOCK_TOKENS, table.findable()) : 0;
    for (; table.complete < full; table.complete++) {
      int index = table.complete;
      int own = table.blocks[index];
      int start = index * ForwardPass.BLOCK_TOKENS;
      int first = prefixes.find(table.parent(index), tokens, start);
      if (first == PrefixIndex.NONE) {
        prefixes.add(own, table.parent(index), tokens, start);
      } else {
        table.blocks[index] = first;
        hold(first);
        letGo(own);
      }
      changes++;
    }
  }

  /** Takes back all that a sequence holds or was promised. */
  void leave(BlockTable table) {
    promised -= table.blocks.length - table.held;
    letGo(table);
    while (idle.size() > mostIdle) {
      evict();
    }
    changes++;
  }

  private int available() {
    return empty.size() + idle.size() - promised;
  }

  private void hold(BlockTable table, int[] tokens) {
    while (shares() && table.held < table.shareable()) {
      int start = table.held * ForwardPass.BLOCK_TOKENS;
      int block = prefixes.find(table.parent(table.held), tokens, start);
      if (block == PrefixIndex.NONE) {
        return;
      }
      hold(block);
      table.blocks[table.held++] = block;
      table.complete = table.held;
    }
  }

  private void hold(int block) {
    if (holders[block]++ == 0) {
      idle.remove(block);
    }
  }

  private void letGo(BlockTable table) {
    while (table.held > 0) {
      letGo(table.blocks[--table.held]);
    }
    table.complete = 0;
  }

  private void letGo(int block) {
    if (--holders[block] == 0) {
      (prefixes.contains(block) ? idle : empty).add(block);
    }
  }

  /** Empties the block that was let go first. */
  private int evict() {
    int block = idle.first();
    idle.remove(block);
    prefixes.remove(block);
    empty.add(block);
    evictions++;
    return block;
  }
}
