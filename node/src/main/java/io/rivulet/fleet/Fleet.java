package io.rivulet.fleet;

import io.rivulet.protocol.NodeReport;
import io.rivulet.protocol.SparsityReport;
import io.rivulet.protocol.TelemetryEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The nodes that report, and what each said lately. A node that was silent for 10 seconds, and for
 * 5 of its intervals, is gone; a minute later it is forgotten. Not thread-safe.
 */
public final class Fleet {

  private static final Duration FORGOTTEN = Duration.ofMinutes(1);

  private final Map<String, NodeHistory> nodes = new TreeMap<>();

  /** Takes a report into account that came at that time. */
  public void accept(TelemetryEvent event, Instant at) {
    NodeHistory node = nodes.computeIfAbsent(event.node(), id -> new NodeHistory());
    switch (event) {
      case NodeReport report -> node.add(report, at);
      case SparsityReport report -> node.add(report, at);
    }
  }

  /** Those that are there, and those that went lately, by their names. */
  public List<FleetNode> nodes(Instant now) {
    nodes.values().removeIf(node -> node.gone(now.minus(FORGOTTEN)));
    return nodes.values().stream().flatMap(node -> node.at(now).stream()).toList();
  }
}
