package io.rivulet.sparsity;

import io.rivulet.model.profile.OperatingPoint;
import java.util.List;
import java.util.OptionalInt;

/** The PPL-p% rule (arXiv:2411.02335). */
public final class OperatingPointChoice {

  private static final double PERCENT = 100;

  private OperatingPointChoice() {}

  /**
   * The sparsest point whose perplexity is at most p percent over dense; the first of equals.
   *
   * @param percent p, from 0 on
   * @return its index, or nothing where all points are over the budget
   */
  public static OptionalInt sparsest(
      List<OperatingPoint> points, double densePerplexity, double percent) {
    if (!(percent >= 0)) {
      throw new IllegalArgumentException("a perplexity budget is from 0 % on, was " + percent);
    }
    double most = densePerplexity * (1 + percent / PERCENT);
    int best = -1;
    for (int i = 0; i < points.size(); i++) {
      boolean within = points.get(i).perplexity() <= most;
      if (within && (best < 0 || points.get(i).density() < points.get(best).density())) {
        best = i;
      }
    }
    return best < 0 ? OptionalInt.empty() : OptionalInt.of(best);
  }
}
