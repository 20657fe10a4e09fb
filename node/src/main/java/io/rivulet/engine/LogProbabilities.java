package io.rivulet.engine;

import java.util.List;

/**
 * How likely a token and its alternatives were by the model itself: before bias, penalties and
 * temperature.
 *
 * @param chosen the token
 * @param top the likeliest tokens, likeliest first; the token may be among them
 */
public record LogProbabilities(LogProbability chosen, List<LogProbability> top) {

  public LogProbabilities {
    top = List.copyOf(top);
  }
}
