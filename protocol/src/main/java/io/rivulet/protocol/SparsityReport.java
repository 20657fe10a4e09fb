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
 * @param density the share of FFN neurons read, 0 to 1
 * @param layerDensity the same for each layer
 */
public record SparsityReport(
    String node,
    Instant time,
    Optional<String> requestId,
    Duration window,
    double density,
    List<Double> layerDensity)
    implements TelemetryEvent {

  public SparsityReport {
    layerDensity = List.copyOf(layerDensity);
  }
}
