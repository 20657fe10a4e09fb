package io.rivulet.trainer;

import java.util.Arrays;

/**
 * Steers each layer's penalty so that its share of non-zero neurons follows a target: a
 * multiplicative integrator.
 */
final class SparsityControl {
  private static final double SPEED = 0.02;
  private static final double SMOOTHING = 0.9;
  private static final double LEAST = 1e-4;
  private static final double MOST = 50;

  private final double[] penalties;
  private final double[] smoothed;

  SparsityControl(double[] penalties) {
    this.penalties = penalties.clone();
    smoothed = new double[penalties.length];
  }

  static double[] initial(int layers) {
    double[] penalties = new double[layers];
    Arrays.fill(penalties, 0.02);
    return penalties;
  }

  double[] penalties() {
    return penalties.clone();
  }

  /** Takes one step's shares. */
  void update(double[] shares, double target) {
    for (int i = 0; i < penalties.length; i++) {
      smoothed[i] =
          smoothed[i] == 0 ? shares[i] : SMOOTHING * smoothed[i] + (1 - SMOOTHING) * shares[i];
      double error = Math.clamp((smoothed[i] - target) / target, -1, 1);
      penalties[i] = Math.clamp(penalties[i] * Math.exp(SPEED * error), LEAST, MOST);
    }
  }
}
