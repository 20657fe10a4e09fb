package io.rivulet.sparsity.report;

import java.util.List;
import java.util.Locale;

/**
 * Lines over two axes, with a legend under them, in SVG. Lines differ in color and in the shape of
 * their points or dashes; a point says its numbers where the mouse rests on it.
 *
 * @param id unique in the page
 */
record LineChart(String id, String title, Axis x, Axis y, List<Series> series) {

  static final int COLORS = 6;

  private static final int WIDTH = 640;
  private static final int LEFT = 64;
  private static final int RIGHT = 16;
  private static final int TOP = 12;
  private static final int PLOT_WIDTH = WIDTH - LEFT - RIGHT;
  private static final int PLOT_HEIGHT = 260;
  private static final int BOTTOM = TOP + PLOT_HEIGHT;
  private static final int TICK_TEXT = 16;
  private static final int LABEL_TEXT = 36;
  private static final int LEGEND = 62;
  private static final int LEGEND_ROW = 20;
  private static final int SAMPLE = 32;
  private static final int GAP = 8;
  private static final int MARK = 3;

  void write(Markup page) {
    int height = BOTTOM + LEGEND + LEGEND_ROW * series.size();
    page.begin("figure");
    page.element("figcaption", title, "id", id);
    page.begin(
        "svg",
        "xmlns",
        "http://www.w3.org/2000/svg",
        "viewBox",
        "0 0 %d %d".formatted(WIDTH, height),
        "role",
        "img",
        "aria-labelledby",
        id);
    axes(page);
    for (Series line : series) {
      line(page, line);
    }
    for (int i = 0; i < series.size(); i++) {
      legend(page, series.get(i), BOTTOM + LEGEND + LEGEND_ROW * i);
    }
    page.end().end();
  }

  private void axes(Markup page) {
    for (double tick : x.ticks()) {
      String at = px(left(tick));
      page.empty("line", "class", "grid", "x1", at, "x2", at, "y1", TOP, "y2", BOTTOM);
      page.element(
          "text", x.shown(tick), "x", at, "y", BOTTOM + TICK_TEXT, "text-anchor", "middle");
    }
    for (double tick : y.ticks()) {
      double at = top(tick);
      page.empty(
          "line", "class", "grid", "x1", LEFT, "x2", WIDTH - RIGHT, "y1", px(at), "y2", px(at));
      page.element(
          "text", y.shown(tick), "x", LEFT - GAP, "y", px(at + GAP / 2.0), "text-anchor", "end");
    }
    page.element(
        "text",
        x.label(),
        "x",
        LEFT + PLOT_WIDTH / 2,
        "y",
        BOTTOM + LABEL_TEXT,
        "text-anchor",
        "middle");
    page.element(
        "text",
        y.label(),
        "transform",
        "translate(%d %d) rotate(-90)".formatted(TICK_TEXT, TOP + PLOT_HEIGHT / 2),
        "text-anchor",
        "middle");
  }

  private void line(Markup page, Series line) {
    var path = new StringBuilder();
    for (Series.Point point : line.points()) {
      path.append(path.isEmpty() ? "M" : "L");
      path.append(px(left(point.x()))).append(' ').append(px(top(point.y())));
    }
    if (!path.isEmpty()) {
      page.empty("path", "class", classes(line), "d", path);
    }
    for (Series.Point point : line.points()) {
      page.begin("g");
      page.element(
          "title",
          "%s: %s, %s"
              .formatted(
                  line.name(), Figures.significant(point.x()), Figures.significant(point.y())));
      mark(page, line, left(point.x()), top(point.y()));
      page.end();
    }
  }

  private void legend(Markup page, Series line, int at) {
    page.empty("path", "class", classes(line), "d", "M%d %dh%d".formatted(LEFT, at, SAMPLE));
    mark(page, line, LEFT + SAMPLE / 2.0, at);
    page.element("text", line.name(), "x", LEFT + SAMPLE + GAP, "y", at + GAP / 2);
  }

  /** Colors are told apart by shape, too: circle, square, diamond, in turn. */
  private static void mark(Markup page, Series line, double centerX, double centerY) {
    String color = "mark c" + line.color() % COLORS;
    switch (line.color() % 3) {
      case 0 ->
          page.empty("circle", "class", color, "cx", px(centerX), "cy", px(centerY), "r", MARK);
      case 1 ->
          page.empty(
              "rect",
              "class",
              color,
              "x",
              px(centerX - MARK),
              "y",
              px(centerY - MARK),
              "width",
              2 * MARK,
              "height",
              2 * MARK);
      default ->
          page.empty(
              "path",
              "class",
              color,
              "d",
              "M%s %sl4 4l-4 4l-4 -4z".formatted(px(centerX), px(centerY - MARK - 1)));
    }
  }

  private static String classes(Series line) {
    return "line c%d%s".formatted(line.color() % COLORS, line.dashed() ? " dashed" : "");
  }

  private double left(double value) {
    return LEFT + PLOT_WIDTH * x.place(value);
  }

  private double top(double value) {
    return BOTTOM - PLOT_HEIGHT * y.place(value);
  }

  private static String px(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }
}
