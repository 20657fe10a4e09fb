package io.rivulet.protocol;

import java.util.List;

/**
 * How likely a token was.
 *
 * @param tokenId its vocabulary id
 * @param token its bytes as text, U+FFFD for those that are no whole character
 * @param bytes what it adds to a text, 0 to 255 each; none for control tokens
 * @param logprob the natural logarithm of its probability
 */
public record TokenLogprob(int tokenId, String token, List<Integer> bytes, double logprob) {

  public TokenLogprob {
    bytes = List.copyOf(bytes);
  }
}
