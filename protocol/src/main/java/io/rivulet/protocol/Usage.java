package io.rivulet.protocol;

/**
 * Tokens computed for an attempt.
 *
 * @param promptTokens tokens of the prompt, the beginning-of-sequence token included
 * @param completionTokens tokens generated
 */
public record Usage(int promptTokens, int completionTokens) {

  /** Both together. */
  public int totalTokens() {
    return promptTokens + completionTokens;
  }
}
