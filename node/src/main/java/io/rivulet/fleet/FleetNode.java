package io.rivulet.fleet;

import io.rivulet.protocol.NodeReport;
import io.rivulet.protocol.SparsityReport;
import io.rivulet.protocol.TimeHistogram;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What is known of a node at a moment. What is of lately is of the last minute.
 *
 * @param report the latest
 * @param sparsity the latest; absent where nothing was computed lately
 * @param silence since the latest report
 * @param gone whether it has been silent for too long to be there
 * @param firstToken times to first tokens lately
 * @param recall that audits found lately
 * @param cett that audits found lately
 * @param tokensPerSecond of the latest reports, the oldest first
 */
public record FleetNode(
    NodeReport report,
    Optional<SparsityReport> sparsity,
    Duration silence,
    boolean gone,
    TimeHistogram firstToken,
    Optional<Double> recall,
    Optional<Double> cett,
    List<Double> tokensPerSecond) {

  public FleetNode {
    tokensPerSecond = List.copyOf(tokensPerSecond);
  }

  /** Names the node. */
  public String id() {
    return report.node();
  }
}
