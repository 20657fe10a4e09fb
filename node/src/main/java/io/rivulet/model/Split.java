package io.rivulet.model;

/**
 * Cuts a range into parts of whole cache lines for a team of threads. What is computed never
 * depends on the cut.
 */
final class Split {

  /** Two cache lines of float32, and the columns that down projections store together. */
  private static final int GRAIN = 32;

  private Split() {}

  /** How many parts a range is worth, given at most how many. */
  static int parts(int length, int most) {
    return Math.max(1, Math.min(most, (length + GRAIN - 1) / GRAIN));
  }

  /** Where a part begins; part number {@code parts} begins at the end. */
  static int start(int length, int parts, int part) {
    if (part == parts) {
      return length;
    }
    int grains = (length + GRAIN - 1) / GRAIN;
    return (int) Math.min(length, (long) grains * part / parts * GRAIN);
  }
}
