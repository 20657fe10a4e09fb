package io.rivulet.kernels;

/**
 * Finds out when a vector kernel is quicker than its scalar twin: first the twin computes all, and
 * the vector kernel now and then a part of the same, in a share of the time, so that the JVM gets
 * to know and compiles it. Threads use one without a lock: what one of them misses only makes the
 * answer come later.
 */
final class Rehearsal {

  /** Time of the twin for each unit of time that the vector kernel gets. */
  private static final int TWIN_SHARE = 2;

  /** In a row: one may be the twin's bad luck with the machine. */
  private static final int WINS = 3;

  /** All that the vector kernel gets; no product is so small that a compiler needs longer. */
  private static final long MOST_NANOS = 1_000_000_000;

  private boolean over;
  private int wins;
  private long twinNanos;
  private long vectorNanos;

  /** Whether the vector kernel does the work from now on. */
  boolean over() {
    return over;
  }

  /** Notes how long the twin took, and says whether the vector kernel is to do a part again. */
  boolean due(long nanos) {
    twinNanos += nanos;
    return TWIN_SHARE * vectorNanos < twinNanos;
  }

  /**
   * Compares.
   *
   * @param nanos the vector kernel's time for the part
   * @param twin the twin's time for as much work
   */
  void compare(long nanos, double twin) {
    vectorNanos += nanos;
    wins = nanos < twin ? wins + 1 : 0;
    over = wins >= WINS || vectorNanos > MOST_NANOS;
  }
}
