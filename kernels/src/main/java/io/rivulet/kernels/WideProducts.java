package io.rivulet.kernels;

import static io.rivulet.kernels.VectorWidth.LENGTH;

/**
 * Matrix times one token where vectors have the 16 lanes of a sum: the types that have a kernel of
 * their own, which decodes in registers. The others, and narrower vectors, go through {@link
 * VectorStrips}.
 */
final class WideProducts {

  private WideProducts() {}

  /**
   * {@code out[token][r] = w[r] . x[token]}, if there is a kernel for the type and vectors are wide
   * enough for it.
   *
   * @param sums scratch memory of eight times 16 floats
   * @return false if not, and nothing was done
   */
  static boolean multiplyOne(
      Matrix w, FloatTensor x, int token, FloatTensor out, int rowFrom, int rowTo, float[] sums) {
    if (LENGTH < Lanes.COUNT) {
      return false;
    }
    switch (w.type()) {
      case Q4_0, IQ4_NL -> VectorLookups.multiplyScaled(w, x, token, out, rowFrom, rowTo, sums);
      case Q4_1 -> VectorLookups.multiplyAffine(w, x, token, out, rowFrom, rowTo, sums);
      case Q4_K -> VectorKProducts.multiplyQ4(w, x, token, out, rowFrom, rowTo, sums);
      case Q6_K -> VectorKProducts.multiplyQ6(w, x, token, out, rowFrom, rowTo, sums);
      case F32, F16, BF16, Q8_0, Q5_0, Q5_1, Q2_K, Q3_K, Q5_K, IQ4_XS, TQ1_0, TQ2_0 -> {
        return false;
      }
    }
    return true;
  }
}
