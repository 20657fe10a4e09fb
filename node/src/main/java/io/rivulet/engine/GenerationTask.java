package io.rivulet.engine;

/**
 * One prompt for the engine.
 *
 * @param prompt the text to continue; must not be empty
 * @param maxTokens how many tokens to generate at most; at least 1, and prompt plus generated
 *     tokens must fit the model's context
 */
public record GenerationTask(
    String prompt, int maxTokens, SamplingParameters sampling, SparsityMode sparsity) {

  public GenerationTask {
    if (prompt.isEmpty()) {
      throw new IllegalArgumentException("the prompt is empty: give it at least one character");
    }
    if (maxTokens < 1) {
      throw new IllegalArgumentException("max_tokens must be at least 1, was " + maxTokens);
    }
  }
}
