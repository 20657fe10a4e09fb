package io.rivulet.protocol;

import java.util.Optional;

/**
 * How an attempt ended; a terminal {@link TokenEvent} carries it.
 *
 * @param usage absent where the request asked for none
 * @param sparsity absent where no token was generated
 * @param error why it was refused or failed, with {@link FinishReason#ERROR} alone
 */
public record Completion(
    FinishReason finishReason,
    Optional<Usage> usage,
    Optional<RequestSparsity> sparsity,
    Timings timings,
    Optional<String> error) {

  public Completion {
    if (error.isPresent() != (finishReason == FinishReason.ERROR)) {
      throw new IllegalArgumentException(
          "an error goes with finish_reason error alone, was " + finishReason + " with " + error);
    }
  }

  /** A request that was not computed, for the reason given. */
  public static Completion refused(String error) {
    return new Completion(
        FinishReason.ERROR, Optional.empty(), Optional.empty(), Timings.NONE, Optional.of(error));
  }
}
