package io.rivulet.top;

import io.rivulet.fleet.FleetNode;
import io.rivulet.protocol.NodeReport;
import io.rivulet.protocol.SparsityReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jline.utils.AttributedString;
import org.jline.utils.AttributedStringBuilder;
import org.jline.utils.AttributedStyle;

/** A fleet as lines of text: a line a node, and more of the one that is selected. */
public final class TopScreen {

  private static final String SPARKS = "▁▂▃▄▅▆▇█";
  private static final AttributedStyle PLAIN = AttributedStyle.DEFAULT;
  private static final AttributedStyle TITLES = AttributedStyle.BOLD;

  private TopScreen() {}

  /**
   * The lines.
   *
   * @param selected the node of which more is said; absent: none
   * @param width the longest line
   */
  public static List<AttributedString> lines(
      List<FleetNode> nodes, Optional<String> selected, int width) {
    var lines = new ArrayList<AttributedString>();
    lines.add(summary(nodes));
    lines.add(AttributedString.EMPTY);
    List<Column> columns = Column.within(width - 1);
    lines.add(titles(columns));
    for (FleetNode node : nodes) {
      lines.add(line(node, columns, selected.equals(Optional.of(node.id()))));
    }
    nodes.stream()
        .filter(node -> selected.equals(Optional.of(node.id())))
        .findFirst()
        .ifPresent(node -> lines.addAll(details(node, width)));
    return lines.stream().map(line -> line.columnSubSequence(0, width)).toList();
  }

  private static AttributedString summary(List<FleetNode> nodes) {
    List<NodeReport> there =
        nodes.stream().filter(node -> !node.gone()).map(FleetNode::report).toList();
    int gone = nodes.size() - there.size();
    return new AttributedString(
        String.format(
            Locale.ROOT,
            "%d node%s%s, %s tokens/s, %s prompt tokens/s, %d running, %d waiting",
            there.size(),
            there.size() == 1 ? "" : "s",
            gone == 0 ? "" : ", " + gone + " gone",
            Figures.rate(there.stream().mapToDouble(NodeReport::tokensPerSecond).sum()),
            Figures.rate(there.stream().mapToDouble(NodeReport::prefillTokensPerSecond).sum()),
            there.stream().mapToInt(NodeReport::running).sum(),
            there.stream().mapToInt(NodeReport::waiting).sum()),
        TITLES);
  }

  private static AttributedString titles(List<Column> columns) {
    var line = new AttributedStringBuilder();
    columns.forEach(column -> line.styled(TITLES, " ").styled(TITLES, column.title()));
    return line.toAttributedString();
  }

  private static AttributedString line(FleetNode node, List<Column> columns, boolean selected) {
    var line = new AttributedStringBuilder();
    if (node.gone()) {
      String gone = "gone, silent for " + Figures.duration(node.silence());
      return line.styled(style(AttributedStyle.DEFAULT.faint(), selected), " ")
          .styled(
              style(AttributedStyle.DEFAULT.faint(), selected), Column.NODE.of(node) + " " + gone)
          .toAttributedString();
    }
    for (Column column : columns) {
      line.styled(style(PLAIN, selected), " ")
          .styled(style(column.style(node), selected), column.of(node));
    }
    return line.toAttributedString();
  }

  private static AttributedStyle style(AttributedStyle style, boolean selected) {
    return selected ? style.inverse() : style;
  }

  private static List<AttributedString> details(FleetNode node, int width) {
    NodeReport report = node.report();
    var lines = new ArrayList<AttributedString>();
    lines.add(AttributedString.EMPTY);
    lines.add(new AttributedString(Figures.shown(node.id()), TITLES));
    lines.add(
        new AttributedString(
            String.format(
                Locale.ROOT,
                "up %s, %d threads, reads %s/s of weights, batch %s, cached %d tokens",
                Figures.duration(report.uptime()),
                report.threads(),
                Figures.bytes((double) report.weightBytesPerSecond()),
                report.batchSize().map(Figures::rate).orElse(Figures.NONE),
                report.prefixCache().tokensCached())));
    lines.add(
        new AttributedString(
            String.format(
                Locale.ROOT,
                "finished %d: %d stop, %d length, %d cancelled, %d deadline, %d error",
                report.finished().all(),
                report.finished().stop(),
                report.finished().length(),
                report.finished().cancelled(),
                report.finished().deadline(),
                report.finished().error())));
    lines.add(new AttributedString("tokens/s  " + spark(node.tokensPerSecond(), width - 10)));
    node.sparsity().ifPresent(sparsity -> lines.addAll(sparsityLines(sparsity, width)));
    return lines;
  }

  /** The latest that fit, relative to the greatest. */
  private static String spark(List<Double> values, int width) {
    List<Double> shown =
        values.subList(Math.max(0, values.size() - Math.max(0, width)), values.size());
    double most = shown.stream().mapToDouble(Double::doubleValue).max().orElse(0);
    var line = new StringBuilder();
    for (double value : shown) {
      int height = most == 0 ? 0 : (int) Math.round(value / most * (SPARKS.length() - 1));
      line.append(SPARKS.charAt(height));
    }
    return line.toString();
  }

  private static List<AttributedString> sparsityLines(SparsityReport report, int width) {
    var lines = new ArrayList<AttributedString>();
    double dense = (double) report.all().bytesRead() + report.all().bytesSkipped();
    lines.add(
        new AttributedString(
            String.format(
                Locale.ROOT,
                "FFN weights: %s read of %s that a dense model reads for the same %d tokens",
                Figures.bytes((double) report.all().bytesRead()),
                Figures.bytes(dense),
                report.tokens())));
    lines.add(AttributedString.EMPTY);
    lines.add(
        new AttributedString(
            "density by layer, each step twice the one before: "
                + "▁ up to 1/128, ▄ to 1/16, █ over 1/2; ! computed exactly"));
    lines.addAll(HeatStrip.lines(report.layers(), width));
    return lines;
  }
}
