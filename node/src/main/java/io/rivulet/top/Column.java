package io.rivulet.top;

import io.rivulet.fleet.FleetNode;
import io.rivulet.protocol.NodeReport;
import io.rivulet.protocol.SparsityFigures;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jline.utils.AttributedStyle;

/** What a line says of a node. */
enum Column {
  NODE("NODE", 26, 0),
  MODEL("MODEL", 18, 14),
  MODE("MODE", 9, 13),
  TOKENS("TOK/S", 7, 1),
  PREFILL("PREFILL/S", 9, 12),
  RUNNING("RUN", 7, 2),
  WAITING("WAIT", 5, 3),
  AGE("AGE", 6, 4),
  CACHE("KV", 6, 8),
  FIRST_HALF("TTFT P50", 8, 10),
  FIRST_MOST("TTFT P95", 8, 7),
  DENSITY("DENSITY", 7, 5),
  RECALL("RECALL/FLOOR", 13, 6),
  CETT("CETT/MOST", 9, 11),
  READ("READ", 6, 9);

  private static final int GAP = 1;

  private final String title;
  private final int width;
  private final int rank;

  /**
   * A column.
   *
   * @param rank those of the lowest are kept where there is not room for all
   */
  Column(String title, int width, int rank) {
    this.title = title;
    this.width = width;
    this.rank = rank;
  }

  /** Those that fit, in their order; the first always. */
  static List<Column> within(int room) {
    var byRank = new ArrayList<>(List.of(values()));
    byRank.sort(Comparator.comparingInt(column -> column.rank));
    var chosen = new ArrayList<Column>();
    int used = 0;
    for (Column column : byRank) {
      used += column.width + GAP;
      if (used - GAP > room && !chosen.isEmpty()) {
        break;
      }
      chosen.add(column);
    }
    chosen.sort(Comparator.naturalOrder());
    return chosen;
  }

  String title() {
    return placed(title);
  }

  String of(FleetNode node) {
    return placed(text(node));
  }

  private String text(FleetNode node) {
    NodeReport report = node.report();
    return switch (this) {
      case NODE -> node.id();
      case MODEL -> report.model();
      case MODE -> report.sparsity().name().toLowerCase(Locale.ROOT);
      case TOKENS -> Figures.rate(report.tokensPerSecond());
      case PREFILL -> Figures.rate(report.prefillTokensPerSecond());
      case RUNNING -> report.running() + "/" + report.capacity();
      case WAITING -> String.valueOf(report.waiting());
      case AGE -> Figures.duration(report.longestWait());
      case CACHE -> cacheUse(report);
      case FIRST_HALF -> firstToken(node, 0.5);
      case FIRST_MOST -> firstToken(node, 0.95);
      case DENSITY -> Figures.percent(all(node).map(SparsityFigures::density));
      case RECALL -> recall(node);
      case CETT -> cett(node);
      case READ -> Figures.percent(all(node).flatMap(Figures::readShare));
    };
  }

  /** What is out of order is shown to be. */
  AttributedStyle style(FleetNode node) {
    boolean bad =
        switch (this) {
          case RECALL -> less(node.recall(), all(node).flatMap(SparsityFigures::recallFloor));
          case CETT -> less(all(node).flatMap(SparsityFigures::cettCeiling), node.cett());
          case WAITING -> node.report().waiting() > 0;
          case NODE,
              MODEL,
              MODE,
              TOKENS,
              PREFILL,
              RUNNING,
              AGE,
              CACHE,
              FIRST_HALF,
              FIRST_MOST,
              DENSITY,
              READ ->
              false;
        };
    return bad
        ? AttributedStyle.DEFAULT.foreground(
            this == WAITING ? AttributedStyle.YELLOW : AttributedStyle.RED)
        : AttributedStyle.DEFAULT;
  }

  private static boolean less(Optional<Double> one, Optional<Double> other) {
    return one.isPresent() && other.isPresent() && one.get() < other.get();
  }

  /** Names to the left, figures to the right; what is too long is cut. */
  private String placed(String cell) {
    String safe = Figures.shown(cell);
    String cut = safe.length() <= width ? safe : safe.substring(0, width - 1) + "…";
    String space = " ".repeat(width - cut.length());
    return compareTo(MODE) <= 0 ? cut + space : space + cut;
  }

  private static Optional<SparsityFigures> all(FleetNode node) {
    return node.sparsity().map(report -> report.all());
  }

  private static String cacheUse(NodeReport report) {
    long capacity = report.kvTokensCapacity();
    return capacity == 0
        ? Figures.NONE
        : Figures.percent((double) report.kvTokensUsed() / capacity);
  }

  private static String firstToken(FleetNode node, double share) {
    return node.firstToken().quantile(share).map(Figures::duration).orElse(Figures.NONE);
  }

  private static String recall(FleetNode node) {
    return Figures.percent(node.recall())
        + "/"
        + Figures.percent(all(node).flatMap(SparsityFigures::recallFloor));
  }

  private static String cett(FleetNode node) {
    return Figures.two(node.cett())
        + "/"
        + Figures.two(all(node).flatMap(SparsityFigures::cettCeiling));
  }
}
