package io.rivulet.protocol;

import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * A prompt and how to continue it. What a sender leaves out takes the defaults named here.
 *
 * @param id names the request in its token events, 1 to {@value #MAX_ID_LENGTH} characters; absent:
 *     the record's key, else {@code topic-partition-offset}
 * @param model refused by a node that serves another; absent: whatever the node serves
 * @param prompt the text to continue, not empty
 * @param maxTokens tokens to generate at most, from 1; absent: the node's default
 * @param temperature 0 takes the most likely token, up to {@value #MAX_TEMPERATURE}
 * @param topP keep the likeliest tokens that add up to this, over 0 to 1
 * @param topK keep the k likeliest tokens; 0 keeps all
 * @param minP keep tokens at least this share as likely as the likeliest, 0 to 1
 * @param seed the same seed gives the same tokens; absent: derived from the id, so that every
 *     attempt at a request gives the same tokens
 * @param sparsity how to compute
 * @param deadline past it the stream ends with {@link FinishReason#DEADLINE}
 * @param includeUsage whether the terminal event counts tokens
 */
public record GenerationRequest(
    Optional<String> id,
    Optional<String> model,
    String prompt,
    OptionalInt maxTokens,
    double temperature,
    double topP,
    int topK,
    double minP,
    OptionalLong seed,
    Sparsity sparsity,
    Optional<Instant> deadline,
    boolean includeUsage) {

  public static final double DEFAULT_TEMPERATURE = 0.7;
  public static final double DEFAULT_TOP_P = 0.95;
  public static final int DEFAULT_TOP_K = 40;
  public static final double DEFAULT_MIN_P = 0;

  public static final int MAX_ID_LENGTH = 200;
  public static final double MAX_TEMPERATURE = 100;

  /** The largest record value a node reads, in bytes. */
  public static final int MAX_BYTES = 512 * 1024;

  public GenerationRequest {
    if (prompt.isEmpty()) {
      throw new IllegalArgumentException("prompt is empty: give it at least one character");
    }
    id.ifPresent(value -> require(isId(value), "id", value, "1 to 200 characters"));
    maxTokens.ifPresent(value -> require(value >= 1, "max_tokens", value, "at least 1"));
    require(
        temperature >= 0 && temperature <= MAX_TEMPERATURE, "temperature", temperature, "0 to 100");
    require(topP > 0 && topP <= 1, "top_p", topP, "over 0 and at most 1");
    require(topK >= 0, "top_k", topK, "at least 0");
    require(minP >= 0 && minP <= 1, "min_p", minP, "0 to 1");
  }

  /** Whether this can name a request. */
  public static boolean isId(String id) {
    return !id.isEmpty() && id.length() <= MAX_ID_LENGTH;
  }

  private static void require(boolean holds, String field, Object value, String allowed) {
    if (!holds) {
      throw new IllegalArgumentException(field + " must be " + allowed + ", was " + value);
    }
  }

  /** This request under another id. */
  public GenerationRequest withId(String newId) {
    return new GenerationRequest(
        Optional.of(newId),
        model,
        prompt,
        maxTokens,
        temperature,
        topP,
        topK,
        minP,
        seed,
        sparsity,
        deadline,
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
  public static Builder of(String prompt) {
    return new Builder(prompt);
  }

  /** Collects what differs from the defaults. */
  public static final class Builder {

    private final String prompt;
    private Optional<String> id = Optional.empty();
    private Optional<String> model = Optional.empty();
    private OptionalInt maxTokens = OptionalInt.empty();
    private double temperature = DEFAULT_TEMPERATURE;
    private double topP = DEFAULT_TOP_P;
    private int topK = DEFAULT_TOP_K;
    private double minP = DEFAULT_MIN_P;
    private OptionalLong seed = OptionalLong.empty();
    private Sparsity sparsity = Sparsity.EXACT;
    private Optional<Instant> deadline = Optional.empty();
    private boolean includeUsage = true;

    private Builder(String prompt) {
      this.prompt = prompt;
    }

    public Builder id(String value) {
      id = Optional.of(value);
      return this;
    }

    public Builder model(String value) {
      model = Optional.of(value);
      return this;
    }

    public Builder maxTokens(int value) {
      maxTokens = OptionalInt.of(value);
      return this;
    }

    public Builder temperature(double value) {
      temperature = value;
      return this;
    }

    public Builder topP(double value) {
      topP = value;
      return this;
    }

    public Builder topK(int value) {
      topK = value;
      return this;
    }

    public Builder minP(double value) {
      minP = value;
      return this;
    }

    public Builder seed(long value) {
      seed = OptionalLong.of(value);
      return this;
    }

    public Builder sparsity(Sparsity value) {
      sparsity = value;
      return this;
    }

    public Builder deadline(Instant value) {
      deadline = Optional.of(value);
      return this;
    }

    public Builder includeUsage(boolean value) {
      includeUsage = value;
      return this;
    }

    /**
     * The request.
     *
     * @throws IllegalArgumentException naming the field that is out of range
     */
    public GenerationRequest build() {
      return new GenerationRequest(
          id,
          model,
          prompt,
          maxTokens,
          temperature,
          topP,
          topK,
          minP,
          seed,
          sparsity,
          deadline,
          includeUsage);
    }
  }
}
