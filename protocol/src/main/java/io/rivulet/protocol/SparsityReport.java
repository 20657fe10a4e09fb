package io.rivulet.protocol;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * How sparsely a node computed, over a request or over a stretch of time.
 *
 * @param requestId the request it is about; absent where it is about all of a stretch of time
 * @param window the time it covers
 * @param all of all layers together
 * @param layers of each
 */
public record SparsityReport(
    String node,
    Instant time,
    Optional<String> requestId,
    Duration window,
    SparsityFigures all,
    List<SparsityFigures> layers)
    implements TelemetryEvent {

  public SparsityReport {
    layers = List.copyOf(layers);
  }
}
