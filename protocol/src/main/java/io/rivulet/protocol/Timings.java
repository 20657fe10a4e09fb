package io.rivulet.protocol;

import java.time.Duration;

/**
 * Where an attempt's time went.
 *
 * @param queue from the node's taking the prompt to the first prefill step
 * @param prefill from there to the first token
 * @param decode from the first token to the last
 */
public record Timings(Duration queue, Duration prefill, Duration decode) {

  /** Nothing was computed. */
  public static final Timings NONE = new Timings(Duration.ZERO, Duration.ZERO, Duration.ZERO);
}
