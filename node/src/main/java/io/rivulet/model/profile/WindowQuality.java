package io.rivulet.model.profile;

import java.util.Optional;

/**
 * How well the union of the last tokens' active neurons predicts the next token's, which takes no
 * training (arXiv:2312.11514).
 *
 * @param tokens how many tokens the window holds
 * @param alone the window itself
 * @param combined its union with what the layer's predictor names, where there is one
 */
public record WindowQuality(
    int tokens, PredictionQuality alone, Optional<PredictionQuality> combined) {

  /** The largest window. */
  public static final int MAX_TOKENS = 1024;

  public WindowQuality {
    if (tokens < 1 || tokens > MAX_TOKENS) {
      throw new IllegalArgumentException(
          "a window holds 1 to %d tokens, was %d".formatted(MAX_TOKENS, tokens));
    }
  }
}
