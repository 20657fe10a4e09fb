package io.rivulet.kernels;

import java.util.Objects;

/**
 * Cosines and sines of rotary positions (Su et al. 2021, arXiv:2104.09864, equation 15). They are
 * the same for all heads and layers, so that a step computes them once a token.
 */
public final class Rotations {

  private Rotations() {}

  /**
   * The frequencies base^(-2i/dims) for i from 0 to dims/2 - 1, in radians a position.
   *
   * @param dims elements of a head that turn, even
   * @param base 10000 in the paper
   */
  public static float[] frequencies(int dims, double base) {
    if (dims < 2 || dims % 2 != 0) {
      throw new IllegalArgumentException("rotary dimensions must be even, were " + dims);
    }
    float[] frequencies = new float[dims / 2];
    for (int i = 0; i < frequencies.length; i++) {
      frequencies[i] = (float) StrictMath.pow(base, -2.0 * i / dims);
    }
    return frequencies;
  }

  /**
   * Writes the cosines of position times frequency, then the sines, into the first {@code 2 *
   * frequencies.length} columns of a row. StrictMath, so that all machines agree to the bit.
   *
   * @param magnitude what cosines and sines are multiplied by: 1, but for some ways to a longer
   *     context (YaRN, arXiv:2309.00071; LongRoPE, arXiv:2402.13753), where rotated vectors grow
   */
  public static void fill(
      float[] frequencies, float magnitude, int position, FloatTensor table, int row) {
    Objects.checkFromIndexSize(0, 2 * frequencies.length, table.cols());
    for (int i = 0; i < frequencies.length; i++) {
      double angle = (double) position * frequencies[i];
      table.set(row, i, (float) (StrictMath.cos(angle) * magnitude));
      table.set(row, i + frequencies.length, (float) (StrictMath.sin(angle) * magnitude));
    }
  }
}
