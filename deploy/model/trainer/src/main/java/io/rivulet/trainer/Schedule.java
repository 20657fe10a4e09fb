package io.rivulet.trainer;

/**
 * What changes while training goes on, by the share of its time that has passed.
 *
 * @param seconds all of the time
 * @param warmup steps until the rate is full
 * @param decay share of the time, at the end, in which the rate falls linearly to zero
 * @param longer share of the time, at the end, that uses whole contexts instead of half ones
 * @param density share of non-zero hidden neurons to arrive at
 */
record Schedule(double seconds, int warmup, double decay, double longer, double density) {
  private static final double FIRST_DENSITY = 0.30;
  private static final double RAMP_END = 0.3;

  boolean over(double elapsed) {
    return elapsed >= seconds;
  }

  boolean longWindows(double elapsed) {
    return elapsed >= seconds * (1 - longer);
  }

  /** Factor of the learning rates. */
  double rate(int step, double elapsed) {
    double left = Math.max(0, 1 - elapsed / seconds);
    return Math.min(Math.min(1, (step + 1.0) / warmup), left / decay);
  }

  /** Density wanted now: falls linearly, then stays. */
  double density(double elapsed) {
    double part = Math.min(1, elapsed / seconds / RAMP_END);
    return FIRST_DENSITY + part * (density - FIRST_DENSITY);
  }
}
