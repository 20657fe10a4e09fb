package io.rivulet.protocol;

/** Why a stream of tokens ended. */
public enum FinishReason {
  /** The model came to an end. */
  STOP,
  /** The tokens asked for, or the context, are used up. */
  LENGTH,
  /** It was cancelled. */
  CANCELLED,
  /** The request's deadline passed. */
  DEADLINE,
  /** It was refused, or failed; {@link Completion#error()} says how. */
  ERROR
}
