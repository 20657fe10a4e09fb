package io.rivulet.engine;

import java.util.List;

/**
 * How likely a token was.
 *
 * @param text its bytes as text, U+FFFD for those that are no whole character
 * @param bytes what it adds to a text, 0 to 255 each; none for control tokens
 * @param value the natural logarithm of its probability
 */
public record LogProbability(int tokenId, String text, List<Integer> bytes, double value) {

  public LogProbability {
    bytes = List.copyOf(bytes);
  }
}
