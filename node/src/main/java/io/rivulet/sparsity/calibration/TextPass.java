package io.rivulet.sparsity.calibration;

import io.rivulet.kernels.ThreadTeam;
import io.rivulet.model.Batch;
import io.rivulet.model.FeedForwardObserver;
import io.rivulet.model.SparsityMode;
import io.rivulet.model.Transformer;
import java.util.stream.IntStream;

/** Lets an observer see a text's tokens as they go through the model, all neurons computed. */
public final class TextPass {

  /** Tokens that are computed together. */
  static final int CHUNK = 64;

  /** Knows where in the text the rows are that it sees. */
  public interface TokenObserver extends FeedForwardObserver {
    /** What follows is of the tokens from {@code token} on. */
    void at(int token);
  }

  private TextPass() {}

  /**
   * Computes the tokens in windows that do not overlap.
   *
   * @param from the first token of a window
   * @param context tokens of a window
   */
  public static void run(
      Transformer transformer,
      ThreadTeam team,
      int[] tokens,
      int from,
      int context,
      TokenObserver observer,
      CalibrationProgress progress,
      String stage) {
    Batch batch = new Batch(CHUNK);
    try (var pass = transformer.forwardPass(team, CHUNK, 1, context)) {
      pass.observe(observer);
      int[] blocks = IntStream.range(0, pass.cacheBlocks()).toArray();
      for (int start = from; start < tokens.length; start = next(start, context, tokens.length)) {
        int to = next(start, context, tokens.length);
        batch.clear();
        for (int at = start; at < to; at++) {
          batch.add(tokens[at], at % context, blocks, SparsityMode.EXACT, false);
        }
        observer.at(start);
        pass.run(batch);
        progress.onStep(stage, to, tokens.length);
      }
    }
  }

  private static int next(int from, int context, int length) {
    int endOfWindow = (from / context + 1) * context;
    return Math.min(Math.min(from + CHUNK, endOfWindow), length);
  }
}
