package io.rivulet.engine;

import io.rivulet.model.SparsityMode;
import java.util.List;
import java.util.OptionalInt;

/**
 * One prompt for the engine.
 *
 * @param maxTokens how many tokens to generate at most, those of earlier attempts included; at
 *     least 1, and prompt plus generated tokens must fit the model's context
 * @param topLogprobs how many of the likeliest tokens to tell with the log-probability of each
 *     token, 0 to {@value #MAX_TOP_LOGPROBS}; absent: no log-probabilities
 * @param priority orders the tasks that wait, the lower first; equal ones in the order they came
 * @param continued the answer's tokens so far, which an earlier attempt generated: the answer goes
 *     on after them as if it had never stopped
 */
public record GenerationTask(
    GenerationInput input,
    int maxTokens,
    SamplingParameters sampling,
    StopParameters stop,
    OptionalInt topLogprobs,
    SparsityMode sparsity,
    int priority,
    List<Integer> continued) {

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
    if (continued.size() > maxTokens) {
      throw new IllegalArgumentException(
          "the answer has %d tokens already, more than max_tokens, %d"
              .formatted(continued.size(), maxTokens));
    }
    topLogprobs.ifPresent(GenerationTask::requireCount);
    continued = List.copyOf(continued);
  }

  /** From the first token on, in its turn. */
  public GenerationTask(
      GenerationInput input,
      int maxTokens,
      SamplingParameters sampling,
      StopParameters stop,
      OptionalInt topLogprobs,
      SparsityMode sparsity) {
    this(input, maxTokens, sampling, stop, topLogprobs, sparsity, 0, List.of());
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
    return new GenerationTask(
        input, maxTokens, sampling, other, topLogprobs, sparsity, priority, continued);
  }

  /** The same with log-probabilities. */
  public GenerationTask withTopLogprobs(int count) {
    return new GenerationTask(
        input, maxTokens, sampling, stop, OptionalInt.of(count), sparsity, priority, continued);
  }

  /** The same in another place among those that wait. */
  public GenerationTask withPriority(int other) {
    return new GenerationTask(
        input, maxTokens, sampling, stop, topLogprobs, sparsity, other, continued);
  }

  /** The same after these tokens of its answer. */
  public GenerationTask withContinued(List<Integer> tokens) {
    return new GenerationTask(
        input, maxTokens, sampling, stop, topLogprobs, sparsity, priority, tokens);
  }

  private static void requireCount(int count) {
    if (count < 0 || count > MAX_TOP_LOGPROBS) {
      throw new IllegalArgumentException(
          "top_logprobs must be from 0 to " + MAX_TOP_LOGPROBS + ", was " + count);
    }
  }
}
