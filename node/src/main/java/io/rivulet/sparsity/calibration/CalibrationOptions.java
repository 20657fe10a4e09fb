package io.rivulet.sparsity.calibration;

import java.util.List;

/**
 * How to calibrate.
 *
 * @param targets CETT that thresholds are searched for, ascending, from 0 to less than 1
 * @param perplexityBudget percent that the perplexity may rise, predictions and all
 * @param lookahead layers before its own from which a predictor takes its input
 * @param recall share of a layer's active neurons that its predictor must name
 * @param neuronOrder whether to find an order of neurons, too
 * @param tokens of the text that are looked at, at most
 * @param context tokens of a window that the text is read in, at most the model's
 * @param threads threads that compute
 */
public record CalibrationOptions(
    List<Double> targets,
    double perplexityBudget,
    int lookahead,
    double recall,
    boolean neuronOrder,
    int tokens,
    int context,
    int threads) {

  /** As the paper's study, 1 %, the layer before, all but 1 in 50, an order, 65536 tokens. */
  public static final CalibrationOptions DEFAULT =
      new CalibrationOptions(
          List.of(0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5),
          1,
          1,
          0.98,
          true,
          65_536,
          512,
          Runtime.getRuntime().availableProcessors());

  private static final int LEAST_CONTEXT = 16;
  private static final int MOST_LOOKAHEAD = 8;

  public CalibrationOptions {
    targets = List.copyOf(targets);
    for (int i = 0; i < targets.size(); i++) {
      double target = targets.get(i);
      require(target >= 0 && target < 1, "a CETT target is from 0 to less than 1", target);
      require(i == 0 || target > targets.get(i - 1), "CETT targets ascend", targets);
    }
    require(!targets.isEmpty(), "there must be a CETT target", targets);
    require(perplexityBudget >= 0, "the perplexity budget is from 0 % on", perplexityBudget);
    require(
        lookahead >= 0 && lookahead <= MOST_LOOKAHEAD,
        "the lookahead is from 0 to " + MOST_LOOKAHEAD,
        lookahead);
    require(recall > 0 && recall <= 1, "the recall is over 0 and at most 1", recall);
    require(context >= LEAST_CONTEXT, "a window has at least 16 tokens", context);
    require(tokens >= context, "at least a window's tokens are looked at", tokens);
    require(threads >= 1, "at least one thread computes", threads);
  }

  private static void require(boolean right, String rule, Object value) {
    if (!right) {
      throw new IllegalArgumentException(rule + ", was " + value);
    }
  }
}
