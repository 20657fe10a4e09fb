package io.rivulet.kernels;

/**
 * Products of rows with one token, four rows at a time, one of each quarter of those asked for:
 * four streams far apart come faster from memory than rows side by side, which share pages. Missing
 * rows repeat the last. One is in use by one thread.
 */
final class RowsInFlight {

  private final float[] sums = new float[4 * Lanes.COUNT];
  private final float[] products = new float[4 * Lanes.COUNT];

  /** Whether there is a kernel for four rows of a {@link Matrix} of the type. */
  static boolean serves(WeightType type) {
    return switch (type) {
      case F32, F16, BF16, Q8_0 -> true;
      case Q4_0, Q4_1, Q5_0, Q5_1, Q2_K, Q3_K, Q4_K, Q5_K, Q6_K, IQ4_NL, IQ4_XS, TQ1_0, TQ2_0 ->
          false;
    };
  }

  /** {@code out[token][r] = w[r] . x[token]} for r from rowFrom to rowTo - 1. */
  void multiply(Matrix w, FloatTensor x, int token, FloatTensor out, int rowFrom, int rowTo) {
    int last = rowTo - 1;
    int quarter = Math.ceilDiv(rowTo - rowFrom, 4);
    for (int r = rowFrom; r < rowFrom + quarter; r++) {
      int r1 = Math.min(r + quarter, last);
      int r2 = Math.min(r + 2 * quarter, last);
      int r3 = Math.min(r + 3 * quarter, last);
      multiplyFour(w, x, token, out, r, r1, r2, r3);
    }
  }

  /** The same for the rows {@code ids[i]}, i from {@code from} to {@code to} - 1. */
  void multiply(Matrix w, FloatTensor x, int token, int[] ids, int from, int to, FloatTensor out) {
    int last = to - 1;
    int quarter = Math.ceilDiv(to - from, 4);
    for (int i = from; i < from + quarter; i++) {
      int r1 = ids[Math.min(i + quarter, last)];
      int r2 = ids[Math.min(i + 2 * quarter, last)];
      int r3 = ids[Math.min(i + 3 * quarter, last)];
      multiplyFour(w, x, token, out, ids[i], r1, r2, r3);
    }
  }

  private void multiplyFour(
      Matrix w, FloatTensor x, int token, FloatTensor out, int r0, int r1, int r2, int r3) {
    switch (w.type()) {
      case F32 -> VectorF32.multiplyFour(w, x, token, out, r0, r1, r2, r3, sums);
      case F16 -> VectorF16.multiplyFour(w, x, token, out, r0, r1, r2, r3, sums);
      case BF16 -> VectorBf16.multiplyFour(w, x, token, out, r0, r1, r2, r3, sums);
      case Q8_0 -> VectorQ8.multiplyFour(w, x, token, out, r0, r1, r2, r3, sums);
      case Q4_0, Q4_1, Q5_0, Q5_1, Q2_K, Q3_K, Q4_K, Q5_K, Q6_K, IQ4_NL, IQ4_XS, TQ1_0, TQ2_0 ->
          throw new IllegalArgumentException("no four rows at a time of type " + w.type());
    }
  }

  /** As for a {@link Matrix}. */
  void multiply(
      PackedMatrix w, ActivationCodes x, int token, FloatTensor out, int rowFrom, int rowTo) {
    int last = rowTo - 1;
    int quarter = Math.ceilDiv(rowTo - rowFrom, 4);
    for (int r = rowFrom; r < rowFrom + quarter; r++) {
      int r1 = Math.min(r + quarter, last);
      int r2 = Math.min(r + 2 * quarter, last);
      int r3 = Math.min(r + 3 * quarter, last);
      multiplyFour(w, x, token, out, r, r1, r2, r3);
    }
  }

  /** As for a {@link Matrix}. */
  void multiply(
      PackedMatrix w, ActivationCodes x, int token, int[] ids, int from, int to, FloatTensor out) {
    int last = to - 1;
    int quarter = Math.ceilDiv(to - from, 4);
    for (int i = from; i < from + quarter; i++) {
      int r1 = ids[Math.min(i + quarter, last)];
      int r2 = ids[Math.min(i + 2 * quarter, last)];
      int r3 = ids[Math.min(i + 3 * quarter, last)];
      multiplyFour(w, x, token, out, ids[i], r1, r2, r3);
    }
  }

  private void multiplyFour(
      PackedMatrix w,
      ActivationCodes x,
      int token,
      FloatTensor out,
      int r0,
      int r1,
      int r2,
      int r3) {
    if (w.type() == WeightType.Q8_0) {
      VectorPackedQ8.multiplyFour(w, x, token, out, r0, r1, r2, r3, products, sums);
    } else {
      VectorPackedQ4.multiplyFour(w, x, token, out, r0, r1, r2, r3, products, sums);
    }
  }
}
