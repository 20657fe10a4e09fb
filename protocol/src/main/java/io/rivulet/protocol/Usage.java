package io.rivulet.protocol;

/**
 * Tokens of an attempt.
 *
 * @param promptTokens tokens of the prompt, the beginning-of-sequence token included
 * @param cachedTokens those of them that were not computed again, since an earlier prompt began the
 *     same
 * @param completionTokens tokens generated
 */
public record Usage(int promptTokens, int cachedTokens, int completionTokens) {

  /** Prompt and completion together. */
  public int totalTokens() {
    return promptTokens + completionTokens;
  }
}
