package io.rivulet.cli;

import io.rivulet.http.Probes;
import io.rivulet.stream.HealthReport;
import io.rivulet.stream.Node;
import java.util.List;
import java.util.stream.Stream;

/** What a process says of itself before its nodes are up, while they are, and when it stops. */
final class NodeProbes {

  private volatile List<Node> nodes = List.of();
  private volatile String missing = "the model is being loaded, and the node's group joined";

  Probes probes() {
    return new Probes(this::live, this::ready, this::metrics);
  }

  void started(List<Node> started) {
    nodes = List.copyOf(started);
  }

  /** What is left is finished and no more taken: nobody should wait for this process. */
  void stopping() {
    missing = "the node is stopping";
    nodes = List.of();
  }

  private HealthReport live() {
    return report(nodes.stream().map(Node::live), true);
  }

  private HealthReport ready() {
    return report(nodes.stream().map(Node::ready), false);
  }

  private HealthReport report(Stream<HealthReport> reports, boolean withoutNodes) {
    List<HealthReport.Check> checks = reports.flatMap(each -> each.checks().stream()).toList();
    return new HealthReport(
        checks.isEmpty() ? List.of(new HealthReport.Check("node", withoutNodes, missing)) : checks);
  }

  /** Of the first node, where a demonstration has several. */
  private String metrics() {
    return nodes.stream().findFirst().map(node -> node.metrics().scrape()).orElse("");
  }
}
