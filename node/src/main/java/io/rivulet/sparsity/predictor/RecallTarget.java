package io.rivulet.sparsity.predictor;

/**
 * What a predictor is to reach.
 *
 * @param recall share of the active neurons that must be predicted, over 0, at most 1
 * @param densityBudget share of the neurons that may be predicted on average, over 0, at most 1
 */
public record RecallTarget(double recall, double densityBudget) {

  public RecallTarget {
    check("recall", recall);
    check("density budget", densityBudget);
  }

  private static void check(String what, double value) {
    if (!(value > 0 && value <= 1)) {
      throw new IllegalArgumentException(
          "the %s must be over 0 and at most 1, was %s".formatted(what, value));
    }
  }
}
