package io.rivulet.engine;

import java.util.List;
import java.util.Set;

/**
 * What ends a generation before its last token, besides the model's own end. How stop strings are
 * found says {@link StopStrings}.
 *
 * @param strings end the text before them
 * @param tokenIds end the generation as the model's own end does: they are no part of it
 * @param minTokens before so many tokens neither the model's end nor stop tokens are drawn, and
 *     stop strings are not looked for
 * @param ignoreEos the model's own end is a token like others
 */
public record StopParameters(
    List<String> strings, Set<Integer> tokenIds, int minTokens, boolean ignoreEos) {

  /** The model's own end alone. */
  public static final StopParameters NONE = new StopParameters(List.of(), Set.of(), 0, false);

  public StopParameters {
    strings = List.copyOf(strings);
    tokenIds = Set.copyOf(tokenIds);
    if (strings.contains("")) {
      throw new IllegalArgumentException("a stop string is empty: give it a character");
    }
    if (minTokens < 0) {
      throw new IllegalArgumentException("min_tokens must not be negative, was " + minTokens);
    }
  }
}
