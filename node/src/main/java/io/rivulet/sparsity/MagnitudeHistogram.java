package io.rivulet.sparsity;

/**
 * How magnitudes are distributed, in fixed memory however many there are. Each factor of two has 32
 * bins of equal width, so that the ends of a bin are within 1/32 of each other, relatively; zeros
 * are counted apart. At a threshold inside a bin, its magnitudes are shared out as if they were
 * spread evenly: a density is then off by less than the share of magnitudes within 1/32 of the
 * threshold. For one thread; {@link #add(MagnitudeHistogram)} brings several together.
 */
public final class MagnitudeHistogram {

  /** Bits of a float that are left out of a bin's number: all of the fraction but five. */
  private static final int SHIFT = 18;

  private static final int BINS = Float.floatToIntBits(Float.POSITIVE_INFINITY) >>> SHIFT;

  private final long[] bins = new long[BINS];
  private long zeros;
  private long count;
  private float largest;

  /**
   * Adds one.
   *
   * @throws IllegalArgumentException if it is negative or not finite
   */
  public void add(float magnitude) {
    if (!(magnitude >= 0 && magnitude < Float.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("a magnitude is finite and from 0 on, was " + magnitude);
    }
    if (magnitude == 0) {
      zeros++;
    } else {
      bins[Float.floatToRawIntBits(magnitude) >>> SHIFT]++;
      largest = Math.max(largest, magnitude);
    }
    count++;
  }

  /** Adds those of another. */
  public void add(MagnitudeHistogram other) {
    for (int bin = 0; bin < BINS; bin++) {
      bins[bin] += other.bins[bin];
    }
    zeros += other.zeros;
    count += other.count;
    largest = Math.max(largest, other.largest);
  }

  /** Magnitudes added. */
  public long count() {
    return count;
  }

  /** The largest of them, exactly; 0 where none was added. */
  public float largest() {
    return largest;
  }

  /** Share of magnitudes over a threshold; exact at 0. */
  public double density(float threshold) {
    if (count == 0 || threshold >= largest) {
      return 0;
    }
    if (threshold <= 0) {
      return (double) (count - zeros) / count;
    }
    int bin = Float.floatToRawIntBits(threshold) >>> SHIFT;
    double inside = (end(bin) - threshold) / ((double) end(bin) - start(bin));
    double over = inside * bins[bin];
    for (int above = bin + 1; above < BINS; above++) {
      over += bins[above];
    }
    return over / count;
  }

  /**
   * The threshold that a share of magnitudes is over: the least end of a bin that not more are
   * over.
   *
   * @param density from 0 to 1
   */
  public float threshold(double density) {
    if (!(density >= 0 && density <= 1)) {
      throw new IllegalArgumentException("a density is from 0 to 1, was " + density);
    }
    long allowed = (long) (density * count);
    long over = 0;
    for (int bin = BINS - 1; bin >= 0; bin--) {
      over += bins[bin];
      if (over > allowed) {
        return end(bin);
      }
    }
    return 0;
  }

  /** The share of magnitudes from {@code 2^exponent} up to less than {@code 2^(exponent + 1)}. */
  public double share(int exponent) {
    long inside = 0;
    for (int bin = 0; bin < BINS && count > 0; bin++) {
      inside += Math.getExponent(start(bin)) == exponent ? bins[bin] : 0;
    }
    return count == 0 ? 0 : (double) inside / count;
  }

  /** The share of magnitudes that are exactly zero. */
  public double zeros() {
    return count == 0 ? 0 : (double) zeros / count;
  }

  private static float start(int bin) {
    return Float.intBitsToFloat(bin << SHIFT);
  }

  private static float end(int bin) {
    return Float.intBitsToFloat((bin + 1) << SHIFT);
  }
}
