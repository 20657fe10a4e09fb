package io.rivulet.kernels;

/**
 * exp in float32, by fused multiply-add alone, so that a vector of any width gives the bits that
 * this gives: exp(x) = 2^n exp(r), with n = round(x / ln 2), r = x - n ln 2 in two steps (Cody and
 * Waite), and the Taylor polynomial of degree 7 for r in +-0.35, whose error is under 0.1 ulp. The
 * result is within 1 ulp or so. Arguments beyond +-87.33 count as +-87.33: the result is always a
 * normal number.
 */
final class Exponential {

  static final float LIMIT = 87.33f;
  static final float LOG2_E = 0x1.715476p0f;

  /**
   * Added to and taken from a float under 2^22 it rounds it to an integer, kept in the low bits.
   */
  static final float ROUNDER = 0x1.8p23f;

  static final float LN2_HIGH = 0x1.62e43p-1f;
  static final float LN2_LOW = -0x1.05c61p-29f;
  static final float C7 = 1f / 5040;
  static final float C6 = 1f / 720;
  static final float C5 = 1f / 120;
  static final float C4 = 1f / 24;
  static final float C3 = 1f / 6;
  static final float C2 = 1f / 2;

  /** Bits of the float 1: the exponent's bias in its place. */
  static final int ONE_BITS = 0x3f800000;

  static final int EXPONENT_SHIFT = 23;

  private Exponential() {}

  static float exp(float argument) {
    float x = Math.max(-LIMIT, Math.min(LIMIT, argument));
    float rounded = Math.fma(x, LOG2_E, ROUNDER);
    float n = rounded - ROUNDER;
    float r = Math.fma(n, -LN2_LOW, Math.fma(n, -LN2_HIGH, x));
    float p = Math.fma(C7, r, C6);
    p = Math.fma(p, r, C5);
    p = Math.fma(p, r, C4);
    p = Math.fma(p, r, C3);
    p = Math.fma(p, r, C2);
    p = Math.fma(p, r, 1f);
    p = Math.fma(p, r, 1f);
    int power = (Float.floatToRawIntBits(rounded) << EXPONENT_SHIFT) + ONE_BITS;
    return p * Float.intBitsToFloat(power);
  }

  /** exp(x) - 1, as exact where x is near 0: the 1 is never added. */
  static float expMinusOne(float argument) {
    float x = Math.max(-LIMIT, Math.min(LIMIT, argument));
    float rounded = Math.fma(x, LOG2_E, ROUNDER);
    float n = rounded - ROUNDER;
    float r = Math.fma(n, -LN2_LOW, Math.fma(n, -LN2_HIGH, x));
    float p = Math.fma(C7, r, C6);
    p = Math.fma(p, r, C5);
    p = Math.fma(p, r, C4);
    p = Math.fma(p, r, C3);
    p = Math.fma(p, r, C2);
    p = Math.fma(p, r, 1f);
    int bits = (Float.floatToRawIntBits(rounded) << EXPONENT_SHIFT) + ONE_BITS;
    float power = Float.intBitsToFloat(bits);
    return Math.fma(p * r, power, power - 1);
  }
}
