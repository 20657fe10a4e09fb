package io.rivulet.protocol;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * How sparsely a node computed over a stretch of time.
 *
 * @param version of this schema, {@link TelemetryEvent#VERSION}
 * @param model the name that the node answers to
 * @param window the time it covers
 * @param tokens computed in it, those of prompts included
 * @param all of all layers together
 * @param densityBounds of the histograms: the last bound is 1
 * @param layers of each
 */
public record SparsityReport(
    int version,
    String node,
    Instant time,
    String model,
    Duration window,
    long tokens,
    SparsityFigures all,
    List<Double> densityBounds,
    List<SparsityFigures> layers)
    implements TelemetryEvent {

  public SparsityReport {
    densityBounds = List.copyOf(densityBounds);
    layers = List.copyOf(layers);
  }
}
