package io.rivulet.engine;

/**
 * Hears what a generation produces, on the engine's step thread and in order: implementations hand
 * over and return at once.
 */
public interface GenerationListener {

  /** A token was generated. */
  void onToken(GeneratedToken token);

  /** The generation ended; called exactly once, after the last {@link #onToken}. */
  void onFinish(GenerationResult result);
}
