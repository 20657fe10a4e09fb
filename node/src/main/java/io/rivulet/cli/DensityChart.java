package io.rivulet.cli;

import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** A bar for each layer: how many of its neurons were read. */
final class DensityChart {

  private static final int WIDTH = 40;
  private static final String EIGHTHS = " ▏▎▍▌▋▊▉";

  private DensityChart() {}

  /**
   * The chart's lines, top to bottom.
   *
   * @param layerDensity share of neurons read, from 0 to 1, of each layer
   */
  static Stream<String> lines(List<Double> layerDensity) {
    return IntStream.range(0, layerDensity.size())
        .mapToObj(
            layer -> {
              double density = layerDensity.get(layer);
              return String.format(
                  Locale.ROOT, "  layer %2d %s %5.1f %%", layer, bar(density), 100 * density);
            });
  }

  private static String bar(double density) {
    int eighths = (int) Math.round(Math.clamp(density, 0, 1) * WIDTH * 8);
    String full = "█".repeat(eighths / 8);
    String part = eighths % 8 == 0 ? "" : EIGHTHS.substring(eighths % 8, eighths % 8 + 1);
    return full + part + "·".repeat(WIDTH - full.length() - part.length());
  }
}
