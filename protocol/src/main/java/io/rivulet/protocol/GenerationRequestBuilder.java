package io.rivulet.protocol;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** Collects what differs from the defaults of a {@link GenerationRequest}. */
public final class GenerationRequestBuilder {

  private final Input input;
  private Optional<String> id = Optional.empty();
  private Optional<String> model = Optional.empty();
  private OptionalInt maxTokens = OptionalInt.empty();
  private double temperature = Sampling.DEFAULT.temperature();
  private double topP = Sampling.DEFAULT.topP();
  private int topK = Sampling.DEFAULT.topK();
  private double minP = Sampling.DEFAULT.minP();
  private double repetitionPenalty = Sampling.DEFAULT.repetitionPenalty();
  private double frequencyPenalty = Sampling.DEFAULT.frequencyPenalty();
  private double presencePenalty = Sampling.DEFAULT.presencePenalty();
  private Map<Integer, Double> logitBias = Sampling.DEFAULT.logitBias();
  private OptionalLong seed = OptionalLong.empty();
  private List<String> stopStrings = Stop.DEFAULT.strings();
  private List<Integer> stopTokenIds = Stop.DEFAULT.tokenIds();
  private int minTokens = Stop.DEFAULT.minTokens();
  private boolean ignoreEos = Stop.DEFAULT.ignoreEos();
  private OptionalInt topLogprobs = OptionalInt.empty();
  private Optional<Sparsity> sparsity = Optional.empty();
  private Optional<Instant> deadline = Optional.empty();
  private int priority;
  private boolean includeUsage = true;

  GenerationRequestBuilder(Input input) {
    this.input = input;
  }

  public GenerationRequestBuilder id(String value) {
    id = Optional.of(value);
    return this;
  }

  public GenerationRequestBuilder model(String value) {
    model = Optional.of(value);
    return this;
  }

  public GenerationRequestBuilder maxTokens(int value) {
    maxTokens = OptionalInt.of(value);
    return this;
  }

  public GenerationRequestBuilder temperature(double value) {
    temperature = value;
    return this;
  }

  public GenerationRequestBuilder topP(double value) {
    topP = value;
    return this;
  }

  public GenerationRequestBuilder topK(int value) {
    topK = value;
    return this;
  }

  public GenerationRequestBuilder minP(double value) {
    minP = value;
    return this;
  }

  public GenerationRequestBuilder repetitionPenalty(double value) {
    repetitionPenalty = value;
    return this;
  }

  public GenerationRequestBuilder frequencyPenalty(double value) {
    frequencyPenalty = value;
    return this;
  }

  public GenerationRequestBuilder presencePenalty(double value) {
    presencePenalty = value;
    return this;
  }

  public GenerationRequestBuilder logitBias(Map<Integer, Double> value) {
    logitBias = value;
    return this;
  }

  public GenerationRequestBuilder seed(long value) {
    seed = OptionalLong.of(value);
    return this;
  }

  public GenerationRequestBuilder stop(List<String> value) {
    stopStrings = value;
    return this;
  }

  public GenerationRequestBuilder stopTokenIds(List<Integer> value) {
    stopTokenIds = value;
    return this;
  }

  public GenerationRequestBuilder minTokens(int value) {
    minTokens = value;
    return this;
  }

  public GenerationRequestBuilder ignoreEos(boolean value) {
    ignoreEos = value;
    return this;
  }

  public GenerationRequestBuilder topLogprobs(int value) {
    topLogprobs = OptionalInt.of(value);
    return this;
  }

  public GenerationRequestBuilder sparsity(Sparsity value) {
    sparsity = Optional.of(value);
    return this;
  }

  public GenerationRequestBuilder deadline(Instant value) {
    deadline = Optional.of(value);
    return this;
  }

  public GenerationRequestBuilder priority(int value) {
    priority = value;
    return this;
  }

  public GenerationRequestBuilder includeUsage(boolean value) {
    includeUsage = value;
    return this;
  }

  /**
   * The request.
   *
   * @throws IllegalArgumentException naming the field that is out of range
   */
  public GenerationRequest build() {
    var sampling =
        new Sampling(
            temperature,
            topP,
            topK,
            minP,
            repetitionPenalty,
            frequencyPenalty,
            presencePenalty,
            logitBias,
            seed);
    return new GenerationRequest(
        id,
        model,
        input,
        maxTokens,
        sampling,
        new Stop(stopStrings, stopTokenIds, minTokens, ignoreEos),
        topLogprobs,
        sparsity,
        deadline,
        priority,
        includeUsage);
  }
}
