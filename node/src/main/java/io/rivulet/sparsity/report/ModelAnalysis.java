package io.rivulet.sparsity.report;

import io.rivulet.model.profile.OperatingPoint;
import io.rivulet.model.profile.PredictionQuality;
import io.rivulet.sparsity.OperatingPointChoice;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * What was found out about a model.
 *
 * @param name what the report calls it
 * @param ffn its FFN in words, such as {@code RELU_SQUARED}, or {@code SILU, gated}
 * @param neurons of a layer
 * @param tokens of the text that were looked at
 * @param window how many tokens back the window of reuse goes
 * @param densePerplexity of held-out text with all neurons
 * @param budgetPercent p of PPL-p%: by how much a perplexity may be over dense
 * @param points by ascending CETT
 * @param chosen index of the point that layers were analysed at
 * @param layers in the model's order
 */
public record ModelAnalysis(
    String name,
    String ffn,
    int neurons,
    long tokens,
    int window,
    double densePerplexity,
    double budgetPercent,
    List<OperatingPoint> points,
    int chosen,
    List<LayerAnalysis> layers,
    MemoryTraffic traffic) {

  private static final double PERCENT = 100;

  public ModelAnalysis {
    points = List.copyOf(points);
    layers = List.copyOf(layers);
    if (chosen < 0 || chosen >= points.size() || layers.isEmpty()) {
      throw new IllegalArgumentException(
          "an analysis needs layers and a chosen point, was %d layers and point %d of %d"
              .formatted(layers.size(), chosen, points.size()));
    }
  }

  /** The point that layers were analysed at. */
  OperatingPoint chosenPoint() {
    return points.get(chosen);
  }

  /** PPL-p%: of the sparsest point within the budget; not a number where none is. */
  double sparsityWithinBudget() {
    OptionalInt sparsest = OperatingPointChoice.sparsest(points, densePerplexity, budgetPercent);
    return sparsest.isPresent() ? 1 - points.get(sparsest.getAsInt()).density() : Double.NaN;
  }

  /** By how many percent the perplexity at a point is over dense. */
  double risePercent(OperatingPoint point) {
    return PERCENT * (point.perplexity() / densePerplexity - 1);
  }

  /** The mean of a figure over layers. */
  double mean(ToDoubleFunction<LayerAnalysis> figure) {
    return layers.stream().mapToDouble(figure).average().orElse(0);
  }

  /** The mean of a figure over the layers that have a predictor; not a number where none has. */
  double meanPredicted(ToDoubleFunction<PredictionQuality> figure) {
    return meanOf(LayerAnalysis::predictor, figure);
  }

  /** The same of the layers whose predictor was measured together with the window. */
  double meanCombined(ToDoubleFunction<PredictionQuality> figure) {
    return meanOf(LayerAnalysis::combined, figure);
  }

  private double meanOf(
      Function<LayerAnalysis, Optional<PredictionQuality>> quality,
      ToDoubleFunction<PredictionQuality> figure) {
    return layers.stream()
        .flatMap(layer -> quality.apply(layer).stream())
        .mapToDouble(figure)
        .average()
        .orElse(Double.NaN);
  }
}
