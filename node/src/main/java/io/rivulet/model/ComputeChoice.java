package io.rivulet.model;

import java.util.Arrays;

/**
 * Decides whether a matrix is multiplied by its rows that are asked for, token by token, or whole,
 * for all tokens at once: by what both took on this machine so far. What is not chosen is tried
 * again now and then. The choice changes no result.
 */
final class ComputeChoice {

  /** With more tokens, as in prompts, a matrix is always multiplied whole. */
  private static final int MOST_TOKENS = 32;

  /** Decisions from one trial of what is not chosen to the next. */
  private static final int TRIAL = 512;

  /** What a time counts for when the next is there: a slow one may be another process' doing. */
  private static final double FORGET = 1.02;

  private double nanosPerRow = Double.POSITIVE_INFINITY;
  private final double[] wholeNanos = new double[MOST_TOKENS + 1];
  private int decisions;
  private long startedAt;

  ComputeChoice() {
    Arrays.fill(wholeNanos, Double.POSITIVE_INFINITY);
  }

  /**
   * Whether to multiply by the rows that are asked for; what follows is timed.
   *
   * @param rows that are asked for, by all tokens together
   */
  boolean someRows(int tokens, long rows) {
    boolean some = false;
    if (tokens <= MOST_TOKENS) {
      boolean trial = ++decisions % TRIAL == 0;
      some = rows * nanosPerRow <= wholeNanos[tokens] ? !trial : trial;
    }
    startedAt = System.nanoTime();
    return some;
  }

  /** The rows that were asked for were multiplied by. */
  void didSome(long rows) {
    if (rows > 0) {
      double nanos = (double) (System.nanoTime() - startedAt) / rows;
      nanosPerRow = Math.min(nanos, nanosPerRow * FORGET);
    }
  }

  /** The whole matrix was multiplied by. */
  void didWhole(int tokens) {
    if (tokens <= MOST_TOKENS) {
      double nanos = System.nanoTime() - startedAt;
      wholeNanos[tokens] = Math.min(nanos, wholeNanos[tokens] * FORGET);
    }
  }
}
