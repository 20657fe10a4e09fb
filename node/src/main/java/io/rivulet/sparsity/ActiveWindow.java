package io.rivulet.sparsity;

import io.rivulet.model.profile.PredictionQuality;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Deque;

/**
 * The union of the last tokens' active sets (arXiv:2312.11514) as a prediction of the next: its
 * recall is the reuse ratio, the share of active neurons that were active for one of the last
 * tokens; with a window of 1, for the token before (arXiv:2402.03804).
 */
public final class ActiveWindow {

  /** As many as LLM in a Flash keeps. */
  public static final int USUAL = 5;

  private final int window;
  private final Deque<BitSet> last = new ArrayDeque<>();
  private final PredictionTally tally;

  /**
   * An empty window.
   *
   * @param neurons of the layer
   * @param window how many tokens it holds, at least 1
   */
  public ActiveWindow(int neurons, int window) {
    if (window < 1) {
      throw new IllegalArgumentException("a window holds at least 1 token, was " + window);
    }
    this.window = window;
    tally = new PredictionTally(neurons);
  }

  /** The neurons that were active for one of the last tokens. */
  public BitSet union() {
    BitSet union = new BitSet();
    last.forEach(union::or);
    return union;
  }

  /** Whether it holds as many tokens as it can: before, its union is not counted. */
  public boolean full() {
    return last.size() == window;
  }

  /** Adds the next token of the text; counts it if the window is full. */
  public void add(BitSet active) {
    if (full()) {
      tally.add(union(), active);
      last.removeFirst();
    }
    last.addLast((BitSet) active.clone());
  }

  /** Empties the window, as another text begins; what was counted stays. */
  public void restart() {
    last.clear();
  }

  /** How well the window predicted: recall is the reuse ratio. */
  public PredictionQuality quality() {
    return tally.quality();
  }
}
