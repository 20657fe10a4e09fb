package io.rivulet.trainer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * The command {@code curve}: a run's log as an SVG of two panels over tokens, the loss above and
 * the share of non-zero hidden neurons below. Colours follow the reader's light or dark scheme.
 */
final class LossCurve {
  private static final int WIDTH = 760;
  private static final int LEFT = 60;
  private static final int RIGHT = 20;

  /** One row of the log; {@code valid} is NaN where it was not measured. */
  private record Point(
      double tokens, double train, double valid, double density, double least, double most) {}

  /** A panel: its place and its range of values. */
  private record Panel(int top, int height, double low, double high, double tokens) {
    double x(double value) {
      return LEFT + (WIDTH - LEFT - RIGHT) * value / tokens;
    }

    double y(double value) {
      return top + height * (high - Math.clamp(value, low, high)) / (high - low);
    }
  }

  private final Path log;
  private final Path output;

  LossCurve(Options options) {
    log = options.path("log");
    output = options.path("output");
    options.done();
  }

  void run() throws IOException {
    List<Point> points = read();
    if (points.isEmpty()) {
      throw new IllegalArgumentException(log + " has no rows yet");
    }
    Files.writeString(output, draw(points));
    System.out.println(output);
  }

  private List<Point> read() throws IOException {
    List<Point> points = new ArrayList<>();
    List<String> lines = Files.readAllLines(log);
    for (String line : lines.subList(1, lines.size())) {
      String[] cells = line.split(",");
      double least = 1;
      double most = 0;
      for (String share : cells[7].split(" ")) {
        least = Math.min(least, Double.parseDouble(share));
        most = Math.max(most, Double.parseDouble(share));
      }
      points.add(
          new Point(
              Double.parseDouble(cells[2]),
              Double.parseDouble(cells[3]),
              cells[4].isEmpty() ? Double.NaN : Double.parseDouble(cells[4]),
              Double.parseDouble(cells[6]),
              least,
              most));
    }
    return points;
  }

  private static String draw(List<Point> points) {
    Point last = points.getLast();
    List<Point> measured = points.stream().filter(point -> !Double.isNaN(point.valid())).toList();
    double lowest = points.stream().mapToDouble(Point::train).min().orElseThrow();
    if (!measured.isEmpty()) {
      lowest = Math.min(lowest, measured.stream().mapToDouble(Point::valid).min().orElseThrow());
    }
    double low = Math.floor(2 * lowest) / 2;
    Panel loss = new Panel(44, 250, low, low + 3.5, last.tokens());
    Panel share = new Panel(352, 110, 0, 0.6, last.tokens());
    StringBuilder svg = new StringBuilder();
    svg.append(
        """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 760 512" role="img" aria-label="Loss and activation density over training">
        <style>
          svg { color: #24292f; font: 13px system-ui, sans-serif; }
          .train { stroke: #8c959f; } .valid { stroke: #0969da; } .share { stroke: #bc4c00; }
          .valid-text { fill: #0969da; } .train-text { fill: #6e7781; } .share-text { fill: #bc4c00; }
          .band { fill: #bc4c00; opacity: .18; }
          polyline { fill: none; stroke-width: 1.8; stroke-linejoin: round; }
          text { fill: currentColor; } .grid { stroke: currentColor; opacity: .15; }
          @media (prefers-color-scheme: dark) {
            svg { color: #e6edf3; }
            .valid { stroke: #58a6ff; } .valid-text { fill: #58a6ff; } .train-text { fill: #9198a1; }
            .share { stroke: #f0883e; } .share-text { fill: #f0883e; } .band { fill: #f0883e; }
          }
        </style>
        """);
    text(svg, LEFT, 26, "start", "", "Cross entropy, nats a token");
    axis(svg, loss, 0.5, "%.1f");
    line(svg, "train", points, loss, Point::train);
    line(svg, "valid", measured, loss, Point::valid);
    text(svg, WIDTH - RIGHT, 64, "end", "train-text", "training");
    if (!measured.isEmpty()) {
      text(
          svg,
          WIDTH - RIGHT,
          84,
          "end",
          "valid-text",
          String.format(
              Locale.ROOT, "held-out books, %.2f at the end", measured.getLast().valid()));
    }
    text(svg, LEFT, 336, "start", "", "Share of non-zero hidden neurons");
    axis(svg, share, 0.2, "%.1f");
    band(svg, points, share);
    line(svg, "share", points, share, Point::density);
    text(svg, WIDTH - RIGHT, 372, "end", "share-text", "mean of the layers, and their range");
    tokens(svg, share);
    return svg.append("</svg>\n").toString();
  }

  private static void axis(StringBuilder svg, Panel panel, double step, String format) {
    for (int i = 0; panel.low() + i * step <= panel.high() + 1e-9; i++) {
      double value = panel.low() + i * step;
      rule(svg, panel.y(value));
      text(svg, LEFT - 8, panel.y(value) + 4, "end", "", String.format(Locale.ROOT, format, value));
    }
  }

  private static void tokens(StringBuilder svg, Panel panel) {
    double step = panel.tokens() > 12e6 ? 2e6 : 1e6;
    for (double value = 0; value <= panel.tokens(); value += step) {
      text(svg, panel.x(value), 482, "middle", "", String.format(Locale.ROOT, "%.0f", value / 1e6));
    }
    text(svg, WIDTH - RIGHT, 504, "end", "", "million tokens trained on");
  }

  private static void rule(StringBuilder svg, double y) {
    svg.append(
        String.format(
            Locale.ROOT,
            "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>%n",
            LEFT,
            WIDTH - RIGHT,
            y,
            y));
  }

  private static void text(
      StringBuilder svg, double x, double y, String anchor, String style, String text) {
    svg.append(
        String.format(
            Locale.ROOT,
            "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>%n",
            style,
            x,
            y,
            anchor,
            text));
  }

  private static void line(
      StringBuilder svg,
      String style,
      List<Point> points,
      Panel panel,
      ToDoubleFunction<Point> value) {
    svg.append("<polyline class=\"").append(style).append("\" points=\"");
    points.forEach(
        point -> coordinate(svg, panel.x(point.tokens()), panel.y(value.applyAsDouble(point))));
    svg.append("\"/>\n");
  }

  private static void band(StringBuilder svg, List<Point> points, Panel panel) {
    svg.append("<polygon class=\"band\" points=\"");
    points.forEach(point -> coordinate(svg, panel.x(point.tokens()), panel.y(point.most())));
    points
        .reversed()
        .forEach(point -> coordinate(svg, panel.x(point.tokens()), panel.y(point.least())));
    svg.append("\"/>\n");
  }

  private static void coordinate(StringBuilder svg, double x, double y) {
    svg.append(String.format(Locale.ROOT, "%.1f,%.1f ", x, y));
  }
}
