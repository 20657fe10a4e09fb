package io.rivulet.engine;

import io.rivulet.model.ForwardPass;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Divides the prompt tokens of a step among the prompts that are read: all get the same, and what
 * short ones leave over goes to those that joined first. So a long prompt holds up no short one.
 *
 * <p>A sequence whose next block is what another is computing gets nothing: it takes the block when
 * it is there. A crowd of prompts with the same beginning has it computed once, at full speed.
 */
final class PromptShares {

  private final int chunk;

  /** Those that get a share, in the order in which they joined. */
  private final List<Sequence> readers = new ArrayList<>();

  /**
   * Shares of this many tokens.
   *
   * @param chunk tokens of a step, all prompts together
   */
  PromptShares(int chunk) {
    this.chunk = chunk;
  }

  /**
   * Sets the share of each sequence.
   *
   * @param blocksAreShared whether a sequence takes blocks that another computed
   */
  void divide(List<Sequence> running, boolean blocksAreShared) {
    readers.clear();
    for (int i = 0; i < running.size(); i++) {
      Sequence sequence = running.get(i);
      sequence.share = 0;
      if (sequence.prefilling() && !(blocksAreShared && waits(sequence))) {
        readers.add(sequence);
      }
    }
    if (!readers.isEmpty()) {
      int left = give(Math.max(1, chunk / readers.size()), chunk);
      give(left, left);
    }
  }

  /** Gives each reader so many more at most, while some are left, and returns what is. */
  private int give(int most, int available) {
    int left = available;
    for (int i = 0; i < readers.size() && left > 0; i++) {
      Sequence reader = readers.get(i);
      int more = Math.min(Math.min(most, left), reader.readable() - reader.share);
      reader.share += more;
      left -= more;
    }
    return left;
  }

  private boolean waits(Sequence sequence) {
    int block = sequence.computed / ForwardPass.BLOCK_TOKENS;
    if (sequence.table.held != block || block >= sequence.table.shareable()) {
      return false;
    }
    for (int i = 0; i < readers.size(); i++) {
      if (computes(readers.get(i), block, sequence)) {
        return true;
      }
    }
    return false;
  }

  /** Whether a reader is at the block that a sequence needs next. */
  private static boolean computes(Sequence reader, int block, Sequence sequence) {
    int from = block * ForwardPass.BLOCK_TOKENS;
    int to = from + ForwardPass.BLOCK_TOKENS;
    return reader.computed / ForwardPass.BLOCK_TOKENS == block
        && reader.givenTokens >= to
        && reader.table.parent(block) == sequence.table.parent(block)
        && Arrays.equals(reader.tokens, from, to, sequence.tokens, from, to);
  }
}
