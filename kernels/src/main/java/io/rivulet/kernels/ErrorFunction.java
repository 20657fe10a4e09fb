package io.rivulet.kernels;

/**
 * The complementary error function for arguments of 0 and more, in float32 by fused multiply-add
 * and {@link Exponential}, so that a vector of any width gives the bits that this gives: erfc(z) =
 * t P(t) exp(-z^2) with t = 1 / (1 + 0.3275911 z), the form of Hastings's approximation (Abramowitz
 * and Stegun, 7.1.26). P has degree 7, fitted to 1.1e-7 of the value for z up to 9.4.
 */
final class ErrorFunction {

  static final float SLOPE = 0.3275911f;
  static final float C7 = -0.1418724f;
  static final float C6 = 0.49978334f;
  static final float C5 = -0.41122463f;
  static final float C4 = 0.45813292f;
  static final float C3 = 0.02283449f;
  static final float C2 = 0.2066847f;
  static final float C1 = 0.18060002f;
  static final float C0 = 0.18506168f;

  /** 1 / sqrt(2): the normal distribution is erfc(-x / sqrt(2)) / 2. */
  static final float INVERSE_ROOT_OF_TWO = 0.70710677f;

  private ErrorFunction() {}

  static float erfc(float z) {
    float t = 1 / Math.fma(z, SLOPE, 1f);
    float p = Math.fma(t, C7, C6);
    p = Math.fma(p, t, C5);
    p = Math.fma(p, t, C4);
    p = Math.fma(p, t, C3);
    p = Math.fma(p, t, C2);
    p = Math.fma(p, t, C1);
    p = Math.fma(p, t, C0);
    return t * p * Exponential.exp(-(z * z));
  }
}
