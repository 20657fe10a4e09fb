package io.rivulet.protocol;

import static io.rivulet.protocol.FieldCheck.require;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A prompt and how to continue it. What a sender leaves out takes the defaults named here. Where
 * the answer goes is not a request's to say: nodes publish to the tokens topic of their own prefix.
 *
 * @param id names the request in its token events, 1 to {@value #MAX_ID_LENGTH} characters; absent:
 *     the record's key, else {@code topic-partition-offset}
 * @param model refused by a node that serves another; absent: whatever the node serves
 * @param input the text or the chat to continue
 * @param maxTokens tokens to generate at most, from 1; absent: the node's default
 * @param sampling how tokens are drawn; absent: {@link Sampling#DEFAULT}
 * @param stop what ends the answer; absent: {@link Stop#DEFAULT}
 * @param topLogprobs how many of the likeliest tokens to report with the log-probability of each
 *     token, 0 to {@value #MAX_TOP_LOGPROBS}; absent: no log-probabilities
 * @param sparsity how to compute; absent: as the node does by default
 * @param deadline past it the stream ends with {@link FinishReason#DEADLINE}
 * @param priority orders the requests that wait in a node, the lower first, as in vLLM; 0 where
 *     nothing is said, and equal ones in the order they came
 * @param includeUsage whether the terminal event counts tokens
 */
public record GenerationRequest(
    Optional<String> id,
    Optional<String> model,
    Input input,
    OptionalInt maxTokens,
    Sampling sampling,
    Stop stop,
    OptionalInt topLogprobs,
    Optional<Sparsity> sparsity,
    Optional<Instant> deadline,
    int priority,
    boolean includeUsage) {

  public static final int MAX_ID_LENGTH = 200;
  public static final int MAX_TOP_LOGPROBS = 20;

  /** The largest record value a node reads, in bytes. */
  public static final int MAX_BYTES = 512 * 1024;

  public GenerationRequest {
    id.ifPresent(value -> require(isId(value), "id", value, "1 to 200 characters"));
    maxTokens.ifPresent(
        most -> {
          require(most >= 1, "max_tokens", most, "at least 1");
          require(
              stop.minTokens() <= most,
              "min_tokens",
              stop.minTokens(),
              "at most max_tokens, " + most);
        });
    topLogprobs.ifPresent(
        count ->
            require(
                count >= 0 && count <= MAX_TOP_LOGPROBS, "top_logprobs", count, "from 0 to 20"));
  }

  /** Whether this can name a request. */
  public static boolean isId(String id) {
    return !id.isEmpty() && id.length() <= MAX_ID_LENGTH;
  }

  /** This request under another id. */
  public GenerationRequest withId(String newId) {
    return new GenerationRequest(
        Optional.of(newId),
        model,
        input,
        maxTokens,
        sampling,
        stop,
        topLogprobs,
        sparsity,
        deadline,
        priority,
        includeUsage);
  }

  /** As the value of a record in the prompts topic. */
  public byte[] toJson() {
    return RequestJson.write(this);
  }

  /**
   * Reads a record's value; unknown fields are ignored.
   *
   * @throws MalformedMessageException naming the field that cannot be read or honoured
   */
  public static GenerationRequest fromJson(byte[] json) {
    return RequestJson.read(json);
  }

  /** The id in a value that may be unreadable otherwise, where one can be made out. */
  public static Optional<String> idIn(byte[] json) {
    return RequestJson.readId(json);
  }

  /** Starts a request that continues the prompt, everything else as the defaults say. */
  public static GenerationRequestBuilder of(String prompt) {
    return new GenerationRequestBuilder(new Input.Text(prompt));
  }

  /** Starts a request that answers a chat, everything else as the defaults say. */
  public static GenerationRequestBuilder of(List<ChatMessage> messages) {
    return new GenerationRequestBuilder(new Input.Chat(messages));
  }
}
