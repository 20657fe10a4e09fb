package io.rivulet.sparsity.report;

import java.util.List;

/**
 * A line in a chart.
 *
 * @param color number of its color, from 0 on
 * @param dashed told from another of the same color
 */
record Series(String name, int color, boolean dashed, List<Point> points) {

  /** What a chart shows at x; left out where y is not a number. */
  record Point(double x, double y) {}

  Series {
    points = points.stream().filter(point -> Double.isFinite(point.y())).toList();
  }
}
