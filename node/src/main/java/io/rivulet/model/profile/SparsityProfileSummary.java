package io.rivulet.model.profile;

import static io.rivulet.model.gguf.ModelFileException.quote;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What is in a profile, for people as {@link #lines()} and for machines as it is: records, lists,
 * strings and numbers alone. It outlives the profile.
 *
 * @param model the fingerprint of the model
 * @param neurons of a layer
 */
public record SparsityProfileSummary(
    String model,
    String textSha256,
    long tokens,
    int neurons,
    double densePerplexity,
    List<OperatingPoint> points,
    int chosen,
    Optional<Prediction> prediction,
    List<Layer> layers) {

  /**
   * A layer.
   *
   * @param threshold at the chosen point
   * @param density at the chosen point
   * @param rank of its predictor
   * @param quality of its predictor
   * @param window how well the last tokens' active neurons predict
   * @param ordered whether it has an order of neurons
   * @param dense why it is computed densely, if it is
   */
  public record Layer(
      double threshold,
      double density,
      OptionalInt rank,
      Optional<PredictionQuality> quality,
      Optional<WindowQuality> window,
      boolean ordered,
      Optional<String> dense) {}

  /** Sums it up. */
  public static SparsityProfileSummary of(SparsityProfile profile) {
    return new SparsityProfileSummary(
        profile.source().model().sha256(),
        profile.source().textSha256(),
        profile.source().tokens(),
        profile.layers().getFirst().neurons(),
        profile.densePerplexity(),
        profile.points(),
        profile.chosen(),
        profile.prediction(),
        profile.layers().stream().map(layer -> layer(layer, profile.chosen())).toList());
  }

  private static Layer layer(LayerProfile layer, int chosen) {
    return new Layer(
        layer.thresholds().get(0, chosen),
        layer.densities().get(chosen),
        layer.predictor().stream().mapToInt(PredictorWeights::rank).findFirst(),
        layer.predictor().map(PredictorWeights::quality),
        layer.window(),
        layer.order().isPresent(),
        layer.dense());
  }

  /** A line a property, then a line a layer. */
  public List<String> lines() {
    var lines = new ArrayList<String>();
    lines.add("sparsity profile");
    lines.add(line("model", model));
    lines.add(
        line(
            "calibrated on",
            String.format(Locale.ROOT, "%,d tokens of text %s", tokens, textSha256)));
    lines.add(line("dense", String.format(Locale.ROOT, "perplexity %.4f", densePerplexity)));
    for (OperatingPoint point : points) {
      lines.add(
          line(
              String.format(Locale.ROOT, "CETT %.3f", point.cett()),
              String.format(
                  Locale.ROOT,
                  "perplexity %.4f, density %s%s",
                  point.perplexity(),
                  percent(point.density()),
                  point.equals(points.get(chosen)) ? ", chosen" : "")));
    }
    prediction.ifPresent(
        all ->
            lines.add(
                line(
                    "predictors",
                    String.format(
                        Locale.ROOT,
                        "lookahead %d, perplexity %.4f",
                        all.lookahead(),
                        all.perplexity()))));
    for (int i = 0; i < layers.size(); i++) {
      lines.add(line("layer " + i, shown(layers.get(i))));
    }
    return lines;
  }

  private String shown(Layer layer) {
    var shown = new StringBuilder();
    shown.append(
        String.format(Locale.ROOT, "%,d neurons, density %s", neurons, percent(layer.density)));
    shown.append(String.format(Locale.ROOT, ", threshold %.6g", layer.threshold));
    layer.quality.ifPresent(
        quality ->
            shown.append(
                String.format(
                    Locale.ROOT,
                    "; predictor of rank %d: recall %s, precision %s, density %s",
                    layer.rank.orElseThrow(),
                    percent(quality.recall()),
                    percent(quality.precision()),
                    percent(quality.density()))));
    layer.window.ifPresent(window -> shown.append(shown(window)));
    shown.append(layer.ordered ? "; ordered" : "");
    layer.dense.ifPresent(reason -> shown.append("; dense: ").append(quote(reason)));
    return shown.toString();
  }

  private static String shown(WindowQuality window) {
    String alone =
        String.format(
            Locale.ROOT,
            "; last %d tokens: recall %s, density %s",
            window.tokens(),
            percent(window.alone().recall()),
            percent(window.alone().density()));
    return alone
        + window
            .combined()
            .map(
                both ->
                    ", with the predictor %s, %s"
                        .formatted(percent(both.recall()), percent(both.density())))
            .orElse("");
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }

  private static String line(String property, String value) {
    return String.format(Locale.ROOT, "  %-16s  %s", property, value);
  }
}
