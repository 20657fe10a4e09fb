package io.rivulet.engine;

/** Why a generation ended. */
public enum FinishReason {
  /** The model emitted an end-of-sequence token. */
  STOP,
  /** The asked number of tokens, or the end of the context, was reached. */
  LENGTH,
  /** The caller cancelled. */
  CANCELLED,
  /** The engine failed while it generated; {@link GenerationResult#error()} says how. */
  ERROR
}
