package io.rivulet.sparsity.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * An axis with round ticks.
 *
 * @param label with its unit
 * @param from its first tick
 * @param to its last
 * @param step from one tick to the next
 */
record Axis(String label, double from, double to, double step) {

  private static final int MOST_STEPS = 6;

  /**
   * An axis that the values fit on.
   *
   * @param values finite numbers
   */
  static Axis over(String label, List<Double> values) {
    double least = values.stream().mapToDouble(Double::doubleValue).min().orElse(0);
    double most = values.stream().mapToDouble(Double::doubleValue).max().orElse(1);
    double range = most > least ? most - least : Math.max(Math.abs(most), 1);
    double step = roundStep(range / MOST_STEPS);
    double from = Math.floor(least / step) * step;
    double to = Math.max(Math.ceil(most / step) * step, from + step);
    return new Axis(label, from, to, step);
  }

  /** As {@link #over}, in whole steps. */
  static Axis ofWholeNumbers(String label, List<Double> values) {
    Axis axis = over(label, values);
    return axis.step >= 1 ? axis : new Axis(label, Math.floor(axis.from), Math.ceil(axis.to), 1);
  }

  /** The least of 1, 2 and 5 times a power of ten that is at least so much. */
  private static double roundStep(double least) {
    double power = Math.pow(10, Math.floor(Math.log10(least)));
    for (int factor : new int[] {1, 2, 5}) {
      if (factor * power >= least) {
        return factor * power;
      }
    }
    return 10 * power;
  }

  List<Double> ticks() {
    var ticks = new ArrayList<Double>();
    long steps = Math.round((to - from) / step);
    for (long i = 0; i <= steps; i++) {
      ticks.add(from + i * step);
    }
    return ticks;
  }

  String shown(double tick) {
    int digits = (int) Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
    // No zero with a sign.
    return String.format(Locale.ROOT, "%." + digits + "f", tick + 0.0);
  }

  /** Where a value lies between the ends: 0 to 1. */
  double place(double value) {
    return (value - from) / (to - from);
  }
}
