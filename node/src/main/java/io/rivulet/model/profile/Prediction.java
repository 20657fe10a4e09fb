package io.rivulet.model.profile;

/**
 * What all layers' predictors have in common.
 *
 * @param lookahead how many layers before the one it predicts for a predictor takes its input from,
 *     as far as there are so many; 0 for the same layer
 * @param perplexity of held-out text with predictions on, at the chosen operating point
 */
public record Prediction(int lookahead, double perplexity) {

  /** The largest lookahead. */
  public static final int MAX_LOOKAHEAD = 8;

  public Prediction {
    if (lookahead < 0 || lookahead > MAX_LOOKAHEAD) {
      throw new IllegalArgumentException(
          "lookahead is from 0 to %d, was %d".formatted(MAX_LOOKAHEAD, lookahead));
    }
    OperatingPoint.requirePerplexity(perplexity);
  }
}
