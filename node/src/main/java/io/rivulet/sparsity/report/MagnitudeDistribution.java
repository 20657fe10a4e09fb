package io.rivulet.sparsity.report;

import io.rivulet.sparsity.MagnitudeHistogram;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Shares of magnitudes by factors of two.
 *
 * @param zeros share that is exactly zero
 * @param firstExponent the exponent e of the first share
 * @param shares of magnitudes from 2^e up to less than 2^(e + 1), and so on
 */
public record MagnitudeDistribution(double zeros, int firstExponent, List<Double> shares) {

  /** Magnitudes under 2^-24 of the largest are not listed one by one: they are in none of these. */
  private static final int MOST_SHARES = 24;

  public MagnitudeDistribution {
    shares = List.copyOf(shares);
  }

  /** That of a histogram, from the largest magnitude down. */
  public static MagnitudeDistribution of(MagnitudeHistogram histogram) {
    if (histogram.largest() == 0) {
      return new MagnitudeDistribution(histogram.zeros(), 0, List.of());
    }
    int last = Math.getExponent(histogram.largest());
    int first = Math.max(last - MOST_SHARES + 1, Float.MIN_EXPONENT - 1);
    while (histogram.share(first) == 0) {
      first++;
    }
    return new MagnitudeDistribution(histogram.zeros(), first, shares(histogram, first, last));
  }

  private static List<Double> shares(MagnitudeHistogram histogram, int first, int last) {
    return IntStream.rangeClosed(first, last).mapToObj(histogram::share).toList();
  }
}
