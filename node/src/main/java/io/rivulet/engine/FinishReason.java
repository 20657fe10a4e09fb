package io.rivulet.engine;

/** Why a generation ended. */
public enum FinishReason {
  /** The model came to its end, or to a stop string or stop token of the task. */
  STOP,
  /** The asked number of tokens, or the end of the context, was reached. */
  LENGTH,
  /** The caller cancelled. */
  CANCELLED,
  /** The engine failed while it generated; {@link GenerationResult#error()} says how. */
  ERROR
}
