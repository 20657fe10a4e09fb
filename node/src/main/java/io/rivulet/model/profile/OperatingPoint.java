package io.rivulet.model.profile;

/**
 * A target that thresholds were searched for, and what they do to the model.
 *
 * @param cett the mean CETT that every layer's threshold is chosen for (arXiv:2402.03804, section
 *     3), from 0 to less than 1; at 0 only neurons that are exactly zero are left out
 * @param perplexity of held-out text with the thresholds
 * @param density mean share of neurons that are over the thresholds there
 */
public record OperatingPoint(double cett, double perplexity, double density) {

  public OperatingPoint {
    if (!(cett >= 0 && cett < 1)) {
      throw new IllegalArgumentException("a CETT is from 0 to less than 1, was " + cett);
    }
    requirePerplexity(perplexity);
    requireShare("a density", density);
  }

  static void requirePerplexity(double perplexity) {
    if (!(perplexity >= 1 && perplexity < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "a perplexity is finite and at least 1, was " + perplexity);
    }
  }

  static void requireShare(String what, double share) {
    if (!(share >= 0 && share <= 1)) {
      throw new IllegalArgumentException(what + " is from 0 to 1, was " + share);
    }
  }
}
