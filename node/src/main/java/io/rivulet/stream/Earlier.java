package io.rivulet.stream;

/** What an intake knows of earlier attempts at a prompt. */
sealed interface Earlier {

  /** There was none, or it published nothing. */
  record Nothing() implements Earlier {}

  /** There may have been one that published something. */
  record Something() implements Earlier {}

  /**
   * They published so many tokens.
   *
   * @param count at least 1
   */
  record Tokens(int count) implements Earlier {}
}
