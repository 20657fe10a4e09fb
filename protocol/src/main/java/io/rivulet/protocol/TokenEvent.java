package io.rivulet.protocol;

import java.util.List;
import java.util.Optional;

/**
 * One step of a request's stream: a token, or the end.
 *
 * <p>The same {@code (id, index)} carries the same token, whichever node or attempt produced it; a
 * reader keeps the first of each. Ids and text are meant by that: how sparsely a token was computed
 * may differ from one attempt to another. The terminal event's index is one past the last token's;
 * it carries no token, and as text only what was held back: the beginning of a stop string that did
 * not come, and what was left of a character cut off by the end.
 *
 * @param id the request's
 * @param attempt from 1; a prompt taken over from another node counts on
 * @param index from 0, without gaps
 * @param tokenIds vocabulary ids; none on the terminal event
 * @param text whole Unicode characters only: a split character comes with the token that completes
 *     it, and text that may be the beginning of a stop string with the token that shows it is not
 * @param logprobs how likely the token was; absent where the request did not ask, and on the
 *     terminal event
 * @param density the share of FFN neurons that were read for the token, over all layers; absent on
 *     the terminal event, and with nodes that do not say
 * @param node who generated it
 * @param completion present on the terminal event alone
 */
public record TokenEvent(
    String id,
    int attempt,
    int index,
    List<Integer> tokenIds,
    String text,
    Optional<Logprobs> logprobs,
    Optional<Double> density,
    String node,
    Optional<Completion> completion) {

  public TokenEvent {
    if (attempt < 1) {
      throw new IllegalArgumentException("attempt must be at least 1, was " + attempt);
    }
    if (index < 0) {
      throw new IllegalArgumentException("index must not be negative, was " + index);
    }
    tokenIds = List.copyOf(tokenIds);
  }

  /** Without log-probabilities and density. */
  public TokenEvent(
      String id,
      int attempt,
      int index,
      List<Integer> tokenIds,
      String text,
      String node,
      Optional<Completion> completion) {
    this(id, attempt, index, tokenIds, text, Optional.empty(), Optional.empty(), node, completion);
  }

  /** Whether this ends the attempt. */
  public boolean terminal() {
    return completion.isPresent();
  }

  /** As the value of a record in the tokens topic. */
  public byte[] toJson() {
    return EventJson.write(this);
  }

  /**
   * Reads a record's value; unknown fields are ignored.
   *
   * @throws MalformedMessageException naming the field that cannot be read
   */
  public static TokenEvent fromJson(byte[] json) {
    return EventJson.readToken(json);
  }
}
