package io.rivulet.sparsity.report;

import java.util.List;
import java.util.Locale;

/**
 * Bars side by side from zero, each with its name before it and its value behind, in SVG.
 *
 * @param id unique in the page
 */
record BarChart(String id, String title, List<Bar> bars) {

  /**
   * A bar.
   *
   * @param value from 0 on
   * @param shown the value as it is written
   */
  record Bar(String name, int color, double value, String shown) {}

  private static final int WIDTH = 640;
  private static final int NAMES = 280;
  private static final int VALUES = 96;
  private static final int ROW = 26;
  private static final int THICKNESS = 16;
  private static final int BASELINE = 13;
  private static final int GAP = 8;

  void write(Markup page) {
    double most = bars.stream().mapToDouble(Bar::value).max().orElse(1);
    page.begin("figure");
    page.element("figcaption", title, "id", id);
    page.begin(
        "svg",
        "xmlns",
        "http://www.w3.org/2000/svg",
        "viewBox",
        "0 0 %d %d".formatted(WIDTH, ROW * bars.size()),
        "role",
        "img",
        "aria-labelledby",
        id);
    for (int i = 0; i < bars.size(); i++) {
      Bar bar = bars.get(i);
      int top = ROW * i;
      double width = most > 0 ? (WIDTH - NAMES - VALUES) * bar.value() / most : 0;
      page.element("text", bar.name(), "x", NAMES - GAP, "y", top + BASELINE, "text-anchor", "end");
      page.empty(
          "rect",
          "class",
          "mark c" + bar.color() % LineChart.COLORS,
          "x",
          NAMES,
          "y",
          top,
          "width",
          px(width),
          "height",
          THICKNESS);
      page.element("text", bar.shown(), "x", px(NAMES + width + GAP), "y", top + BASELINE);
    }
    page.end().end();
  }

  private static String px(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }
}
