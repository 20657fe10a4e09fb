package io.rivulet.cli;

import io.rivulet.fleet.FleetNode;
import io.rivulet.protocol.NodeReport;
import io.rivulet.protocol.SparsityFigures;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

/**
 * What is shown of a node to machines; what is of lately is null where nothing was seen.
 *
 * @param silentMs since its latest report
 * @param kvShare of the key-value cache, in use
 * @param ttftP50Ms the median time to a first token in the last minute
 * @param recall that audits found in the last minute
 * @param bytesRead of FFN weights, in the latest window
 * @param layerDensity of the latest window
 * @param fallenBack answers a layer is computed exactly for
 */
@JsonNaming(SnakeCaseStrategy.class)
record NodeView(
    String time,
    String node,
    String model,
    String sparsity,
    boolean gone,
    double silentMs,
    double tokensPerSecond,
    double prefillTokensPerSecond,
    int running,
    int capacity,
    int waiting,
    double longestWaitMs,
    double kvShare,
    Optional<Double> ttftP50Ms,
    Optional<Double> ttftP95Ms,
    Optional<Double> density,
    Optional<Double> recall,
    Optional<Double> recallFloor,
    Optional<Double> cett,
    Optional<Double> cettCeiling,
    Optional<Long> bytesRead,
    Optional<Long> bytesSkipped,
    List<Double> layerDensity,
    List<Long> fallenBack) {

  static NodeView of(FleetNode node) {
    NodeReport report = node.report();
    Optional<SparsityFigures> all = node.sparsity().map(sparsity -> sparsity.all());
    List<SparsityFigures> layers =
        node.sparsity().map(sparsity -> sparsity.layers()).orElse(List.of());
    return new NodeView(
        report.time().toString(),
        node.id(),
        report.model(),
        Names.of(report.sparsity()),
        node.gone(),
        millis(node.silence()),
        report.tokensPerSecond(),
        report.prefillTokensPerSecond(),
        report.running(),
        report.capacity(),
        report.waiting(),
        millis(report.longestWait()),
        report.kvTokensCapacity() == 0
            ? 0
            : (double) report.kvTokensUsed() / report.kvTokensCapacity(),
        node.firstToken().quantile(0.5).map(NodeView::millis),
        node.firstToken().quantile(0.95).map(NodeView::millis),
        all.map(SparsityFigures::density),
        node.recall(),
        all.flatMap(SparsityFigures::recallFloor),
        node.cett(),
        all.flatMap(SparsityFigures::cettCeiling),
        all.map(SparsityFigures::bytesRead),
        all.map(SparsityFigures::bytesSkipped),
        layers.stream().map(SparsityFigures::density).toList(),
        layers.stream().map(SparsityFigures::fallenBack).toList());
  }

  private static double millis(Duration time) {
    return time.toNanos() / 1e6;
  }
}
