package io.rivulet.engine;

import io.rivulet.model.SparsityMode;
import java.util.OptionalInt;

/**
 * One prompt for the engine.
 *
 * @param maxTokens how many tokens to generate at most; at least 1, and prompt plus generated
 *     tokens must fit the model's context
 * @param topLogprobs how many of the likeliest tokens to tell with the log-probability of each
 *     token, 0 to {@value #MAX_TOP_LOGPROBS}; absent: no log-probabilities
 */
public record GenerationTask(
    GenerationInput input,
    int maxTokens,
    SamplingParameters sampling,
    StopParameters stop,
    OptionalInt topLogprobs,
    SparsityMode sparsity) {

  public static final int MAX_TOP_LOGPROBS = 20;

  public GenerationTask {
    if (maxTokens < 1) {
      throw new IllegalArgumentException("max_tokens must be at least 1, was " + maxTokens);
    }
    if (stop.minTokens() > maxTokens) {
      throw new IllegalArgumentException(
          "min_tokens must be at most max_tokens, %d, was %d"
              .formatted(maxTokens, stop.minTokens()));
    }
    topLogprobs.ifPresent(GenerationTask::requireCount);
  }

  /** Continues a text to the model's own end, without log-probabilities. */
  public GenerationTask(
      String prompt, int maxTokens, SamplingParameters sampling, SparsityMode sparsity) {
    this(
        new GenerationInput.Text(prompt),
        maxTokens,
        sampling,
        StopParameters.NONE,
        OptionalInt.empty(),
        sparsity);
  }

  /** The same with these ends. */
  public GenerationTask withStop(StopParameters other) {
    return new GenerationTask(input, maxTokens, sampling, other, topLogprobs, sparsity);
  }

  /** The same with log-probabilities. */
  public GenerationTask withTopLogprobs(int count) {
    return new GenerationTask(input, maxTokens, sampling, stop, OptionalInt.of(count), sparsity);
  }

  private static void requireCount(int count) {
    if (count < 0 || count > MAX_TOP_LOGPROBS) {
      throw new IllegalArgumentException(
          "top_logprobs must be from 0 to " + MAX_TOP_LOGPROBS + ", was " + count);
    }
  }
}
