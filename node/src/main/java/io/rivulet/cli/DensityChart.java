package io.rivulet.cli;

import io.rivulet.protocol.RequestSparsity;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** How many neurons were read: in figures, and with a bar for each layer. */
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

  /** The chart of a request, under a line about all layers. */
  static Stream<String> lines(RequestSparsity sparsity) {
    return Stream.concat(Stream.of(summary(sparsity)), lines(sparsity.layerDensity()));
  }

  private static String summary(RequestSparsity sparsity) {
    return "neurons read: "
        + percent(sparsity.density())
        + sparsity.predictedDensity().map(share -> ", predicted: " + percent(share)).orElse("")
        + sparsity
            .recall()
            .map(share -> ", of those active by audits: " + percent(share))
            .orElse("");
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }

  /** The same for machines. */
  static void addTo(Map<String, Object> members, RequestSparsity sparsity) {
    members.put("density", sparsity.density());
    sparsity.predictedDensity().ifPresent(share -> members.put("predicted_density", share));
    sparsity.recall().ifPresent(share -> members.put("recall", share));
    members.put("layer_density", sparsity.layerDensity());
  }

  private static String bar(double density) {
    int eighths = (int) Math.round(Math.clamp(density, 0, 1) * WIDTH * 8);
    String full = "█".repeat(eighths / 8);
    String part = eighths % 8 == 0 ? "" : EIGHTHS.substring(eighths % 8, eighths % 8 + 1);
    return full + part + "·".repeat(WIDTH - full.length() - part.length());
  }
}
