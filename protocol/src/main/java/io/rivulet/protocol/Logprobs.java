package io.rivulet.protocol;

import java.util.List;

/**
 * How likely a token and its alternatives were by the model itself: before bias, penalties,
 * temperature, and whatever else draws tokens.
 *
 * @param chosen the token
 * @param top the likeliest tokens, likeliest first, as many as were asked for; the token may be
 *     among them
 */
public record Logprobs(TokenLogprob chosen, List<TokenLogprob> top) {

  public Logprobs {
    top = List.copyOf(top);
  }
}
