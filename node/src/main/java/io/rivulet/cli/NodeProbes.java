package io.rivulet.cli;

import io.rivulet.http.Probes;
import io.rivulet.stream.HealthReport;
import io.rivulet.stream.Node;
import java.util.List;
import java.util.function.Function;

/** What a process says of itself before its nodes are up, while they are, and when it stops. */
final class NodeProbes {

  private volatile List<Node> nodes = List.of();
  private volatile boolean stopping;

  Probes probes() {
    return new Probes(this::live, this::ready, this::metrics);
  }

  void started(List<Node> started) {
    nodes = List.copyOf(started);
  }

  /** What has begun is finished and no more taken: nobody should wait for this process. */
  void stopping() {
    stopping = true;
  }

  private HealthReport live() {
    return stopping ? only(true, "it is stopping") : report(Node::live, true);
  }

  private HealthReport ready() {
    return stopping ? only(false, "it is stopping") : report(Node::ready, false);
  }

  private HealthReport report(Function<Node, HealthReport> asked, boolean withoutNodes) {
    List<HealthReport.Check> checks =
        nodes.stream()
            .flatMap(node -> asked.apply(node).checks().stream().map(check -> named(node, check)))
            .toList();
    return checks.isEmpty()
        ? only(withoutNodes, "the model is being loaded, and the group not joined yet")
        : new HealthReport(checks);
  }

  /** Checks of several nodes are told apart by the nodes' ids. */
  private HealthReport.Check named(Node node, HealthReport.Check check) {
    return nodes.size() == 1
        ? check
        : new HealthReport.Check(node.id() + "/" + check.name(), check.ok(), check.detail());
  }

  private static HealthReport only(boolean ok, String detail) {
    return new HealthReport(List.of(new HealthReport.Check("node", ok, detail)));
  }

  /** Of the first node, where a demonstration has several. */
  private String metrics() {
    return nodes.stream().findFirst().map(node -> node.metrics().scrape()).orElse("");
  }
}
