package io.rivulet.sparsity.report;

import io.rivulet.model.profile.OperatingPoint;
import io.rivulet.model.profile.PredictionQuality;
import io.rivulet.sparsity.report.Series.Point;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/** The report's charts: a color for each model, or for each layer of one. */
final class AnalysisCharts {

  private static final double PERCENT = 100;
  private static final int MOST_NAME = 32;
  private static final int SHOWN_LAYERS = 5;

  /** Points whose perplexity rises by more budgets than this are left to the table. */
  private static final double MOST_BUDGETS = 20;

  private static final String SPARSITY = "sparsity, %";
  private static final String LAYER = "layer";

  private final List<ModelAnalysis> models;

  AnalysisCharts(List<ModelAnalysis> models) {
    this.models = models;
  }

  static String shortName(ModelAnalysis model) {
    String name = model.name();
    return name.length() <= MOST_NAME ? name : name.substring(0, MOST_NAME - 1) + "…";
  }

  /** Perplexity over sparsity. */
  LineChart performance() {
    double most =
        MOST_BUDGETS * models.stream().mapToDouble(ModelAnalysis::budgetPercent).max().orElse(1);
    List<Series> series =
        perModel(
            model ->
                model.points().stream()
                    .filter(point -> most == 0 || model.risePercent(point) <= most)
                    .map(point -> new Point(sparsity(point), model.risePercent(point)))
                    .toList());
    return chart(
        "performance",
        "Rise of perplexity against sparsity",
        SPARSITY,
        "perplexity, % over dense",
        series);
  }

  /** Sparsity over CETT. */
  LineChart sparsityOverCett() {
    return chart(
        "cett",
        "Sparsity over CETT",
        "CETT",
        SPARSITY,
        perModel(
            model ->
                model.points().stream()
                    .map(point -> new Point(point.cett(), sparsity(point)))
                    .toList()));
  }

  /** Sparsity of layers. */
  LineChart layerSparsity() {
    return layers(
        "layers", "Sparsity of layers", SPARSITY, of(layer -> PERCENT * layer.sparsity()));
  }

  /** How magnitudes are distributed in some layers of a model, from the first to the last. */
  LineChart magnitudes(ModelAnalysis model, String id) {
    int last = model.layers().size() - 1;
    int steps = Math.min(last, SHOWN_LAYERS - 1);
    List<Integer> shown =
        IntStream.rangeClosed(0, steps)
            .map(i -> steps == 0 ? 0 : Math.round((float) i * last / steps))
            .boxed()
            .toList();
    var series = new ArrayList<Series>();
    for (int layer : shown) {
      MagnitudeDistribution magnitudes = model.layers().get(layer).magnitudes();
      String name =
          "layer %d (%s exactly zero)".formatted(layer, Figures.percent(magnitudes.zeros()));
      series.add(new Series(name, series.size(), false, points(magnitudes)));
    }
    return chart(
        id,
        shortName(model) + ": magnitudes of neurons' outputs",
        "exponent e of magnitudes from 2^e to 2^(e+1)",
        "neurons, %",
        series);
  }

  private static List<Point> points(MagnitudeDistribution magnitudes) {
    return IntStream.range(0, magnitudes.shares().size())
        .mapToObj(
            i -> new Point(magnitudes.firstExponent() + i, PERCENT * magnitudes.shares().get(i)))
        .toList();
  }

  /** Recall of predictors. */
  LineChart recall() {
    return layers(
        "recall", "Recall of the predictor", "recall, %", predicted(PredictionQuality::recall));
  }

  /** What predictors name, beside what is active. */
  LineChart predictedDensity() {
    return layers(
        "predicted",
        "Neurons that the predictor names, and that are active",
        "density, %",
        predicted(PredictionQuality::density),
        "active",
        of(layer -> PERCENT * layer.density()));
  }

  /** Reuse of the token before, beside that of a window. */
  LineChart reuse() {
    return layers(
        "reuse",
        "Active neurons that were active for the token before, or in the window",
        "reuse, %",
        of(layer -> PERCENT * layer.reuse()),
        "window",
        of(layer -> PERCENT * layer.window().recall()));
  }

  /** Co-activation gaps. */
  LineChart coActivation() {
    return layers(
        "gap", "Top-average co-activation gap", "gap", of(LayerAnalysis::coActivationGap));
  }

  /** Runs in an order made for them, beside those in the model's own. */
  LineChart runs() {
    return layers(
        "runs",
        "Length of runs of active neurons, ordered, and as the model has them",
        "neurons a run",
        of(LayerAnalysis::orderedRunLength),
        "as in the model",
        of(LayerAnalysis::runLength));
  }

  /** Bytes read. */
  BarChart bytes() {
    var bars = new ArrayList<BarChart.Bar>();
    for (int i = 0; i < models.size(); i++) {
      MemoryTraffic traffic = models.get(i).traffic();
      String name = shortName(models.get(i));
      double dense = traffic.denseBytes();
      double sparse = traffic.sparseBytes();
      bars.add(new BarChart.Bar(name + ", dense", i, dense, Figures.megabytes(dense)));
      bars.add(new BarChart.Bar(name + ", sparse", i, sparse, Figures.megabytes(sparse)));
    }
    return new BarChart("bytes", "Weights that a token reads", bars);
  }

  private static double sparsity(OperatingPoint point) {
    return PERCENT * (1 - point.density());
  }

  private static Function<LayerAnalysis, OptionalDouble> of(
      ToDoubleFunction<LayerAnalysis> figure) {
    return layer -> OptionalDouble.of(figure.applyAsDouble(layer));
  }

  private static Function<LayerAnalysis, OptionalDouble> predicted(
      ToDoubleFunction<PredictionQuality> figure) {
    return layer ->
        layer.predictor().stream()
            .mapToDouble(quality -> PERCENT * figure.applyAsDouble(quality))
            .findFirst();
  }

  private List<Series> perModel(Function<ModelAnalysis, List<Point>> points) {
    return IntStream.range(0, models.size())
        .mapToObj(i -> new Series(shortName(models.get(i)), i, false, points.apply(models.get(i))))
        .toList();
  }

  private LineChart layers(
      String id, String title, String label, Function<LayerAnalysis, OptionalDouble> figure) {
    return chart(id, title, LAYER, label, perModel(model -> overLayers(model, figure)));
  }

  /** With a second figure, whose lines are dashed. */
  private LineChart layers(
      String id,
      String title,
      String label,
      Function<LayerAnalysis, OptionalDouble> figure,
      String secondName,
      Function<LayerAnalysis, OptionalDouble> second) {
    var series = new ArrayList<>(perModel(model -> overLayers(model, figure)));
    for (int i = 0; i < models.size(); i++) {
      String name = shortName(models.get(i)) + ", " + secondName;
      series.add(new Series(name, i, true, overLayers(models.get(i), second)));
    }
    return chart(id, title, LAYER, label, series);
  }

  private static List<Point> overLayers(
      ModelAnalysis model, Function<LayerAnalysis, OptionalDouble> figure) {
    var points = new ArrayList<Point>();
    for (int layer = 0; layer < model.layers().size(); layer++) {
      double at = layer;
      figure.apply(model.layers().get(layer)).ifPresent(value -> points.add(new Point(at, value)));
    }
    return points;
  }

  private static LineChart chart(
      String id, String title, String xLabel, String yLabel, List<Series> series) {
    List<Point> points = series.stream().flatMap(line -> line.points().stream()).toList();
    List<Double> x = points.stream().map(Point::x).toList();
    List<Double> y = points.stream().map(Point::y).toList();
    Axis xAxis = xLabel.equals(LAYER) ? Axis.ofWholeNumbers(xLabel, x) : Axis.over(xLabel, x);
    return new LineChart(id, title, xAxis, Axis.over(yLabel, y), series);
  }
}
