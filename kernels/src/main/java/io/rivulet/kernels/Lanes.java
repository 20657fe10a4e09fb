package io.rivulet.kernels;

/** The order of every sum; see {@link Kernels}. */
final class Lanes {

  /** Partial sums of a sum over columns. */
  static final int COUNT = 16;

  private Lanes() {}

  /** Adds the 16 lanes that begin at {@code from}, pairing l with l + 8, then l + 4, 2 and 1. */
  static float sum(float[] lanes, int from) {
    float l0 = lanes[from] + lanes[from + 8];
    float l1 = lanes[from + 1] + lanes[from + 9];
    float l2 = lanes[from + 2] + lanes[from + 10];
    float l3 = lanes[from + 3] + lanes[from + 11];
    float l4 = lanes[from + 4] + lanes[from + 12];
    float l5 = lanes[from + 5] + lanes[from + 13];
    float l6 = lanes[from + 6] + lanes[from + 14];
    float l7 = lanes[from + 7] + lanes[from + 15];
    return ((l0 + l4) + (l2 + l6)) + ((l1 + l5) + (l3 + l7));
  }

  /** Columns that fill all lanes evenly; the rest follows one by one. */
  static int evenPart(int cols) {
    return cols & -COUNT;
  }
}
