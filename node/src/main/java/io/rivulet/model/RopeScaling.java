package io.rivulet.model;

import io.rivulet.kernels.Rotations;
import java.util.Optional;

/**
 * How fast elements turn.
 *
 * @param base of the frequencies, {@code base^(-2i/dims)} radians a position for pair i
 * @param factor frequencies are divided by it, as if positions were (arXiv:2306.15595)
 * @param magnitude what turned vectors are multiplied by
 * @param yarn which frequencies are divided in part or not at all
 */
public record RopeScaling(double base, double factor, float magnitude, Optional<Yarn> yarn) {

  /**
   * YaRN (arXiv:2309.00071, section 3.2, as ggml computes it): pairs that turn often within the
   * original context keep their frequency, those that turn seldom are divided by the factor, and
   * between is a ramp.
   *
   * @param originalContext positions of the training before
   * @param extrapolation share of its own frequency that a pair on top of the ramp keeps
   * @param fast turns within the original context from which on a pair is on top
   * @param slow turns up to which it is at the foot
   */
  public record Yarn(int originalContext, double extrapolation, double fast, double slow) {

    double kept(int pair, int dims, double base) {
      double low = Math.max(0, Math.floor(pairThatTurns(fast, dims, base)));
      double high = Math.min(dims - 1, Math.ceil(pairThatTurns(slow, dims, base)));
      double position = (pair - low) / Math.max(0.001, high - low);
      return extrapolation * (1 - Math.clamp(position, 0.0, 1.0));
    }

    private double pairThatTurns(double times, int dims, double base) {
      double positionsATurn = originalContext / (times * 2 * Math.PI);
      return dims * StrictMath.log(positionsATurn) / (2 * StrictMath.log(base));
    }
  }

  /**
   * The frequencies of {@code dims / 2} pairs, in radians a position.
   *
   * @param divisors what each is divided by besides, as many
   */
  float[] frequencies(int dims, float[] divisors) {
    float[] frequencies = Rotations.frequencies(dims, base);
    for (int i = 0; i < frequencies.length; i++) {
      int pair = i;
      double kept = yarn.map(ramp -> ramp.kept(pair, dims, base)).orElse(0.0);
      double own = frequencies[i] / divisors[i];
      frequencies[i] = (float) (own * kept + own / factor * (1 - kept));
    }
    return frequencies;
  }
}
