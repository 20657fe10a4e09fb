package io.rivulet.kernels;

/**
 * Finds out when a vector kernel is quicker than its scalar twin: the twin does the work at first,
 * and the vector kernel a little of it in a share of the time, so that the JVM gets to know and
 * compiles it. Threads use one without a lock: what one of them misses only makes the answer come
 * later.
 */
final class Rehearsal {

  /**
   * When the twin has worked for as long, the vector kernel may have had as much, before that a
   * share that grows with it: a process that answers one prompt does not pay for the next ones.
   */
  private static final double EVEN_NANOS = 200e6;

  /** In a row: one may be the twin's bad luck with the machine. */
  private static final int WINS = 3;

  /** All that the vector kernel gets; no product is so small that a compiler needs longer. */
  private static final long MOST_NANOS = 1_000_000_000;

  private boolean over;
  private int wins;
  private long twinNanos;
  private long vectorNanos;
  private double twinSpeed;

  /** Whether the vector kernel does the work from now on. */
  boolean over() {
    return over;
  }

  /** Whether it is the vector kernel's turn. */
  boolean due() {
    return vectorNanos < twinNanos * (twinNanos / EVEN_NANOS);
  }

  /**
   * Notes how long the twin took.
   *
   * @param start when it began, by {@link System#nanoTime}
   * @param work in any unit, the same as the vector kernel's
   */
  void twinDid(double work, long start) {
    long nanos = System.nanoTime() - start;
    twinNanos += nanos;
    twinSpeed = work / nanos;
  }

  /** Notes how long the vector kernel took, and compares. */
  void vectorsDid(double work, long start) {
    long nanos = System.nanoTime() - start;
    vectorNanos += nanos;
    wins = work / nanos > twinSpeed ? wins + 1 : 0;
    over = over || wins >= WINS || vectorNanos > MOST_NANOS;
  }
}
