package io.rivulet.sparsity.report;

import io.rivulet.model.profile.OperatingPoint;
import io.rivulet.model.profile.PredictionQuality;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/** The report's tables. */
final class AnalysisTables {

  private AnalysisTables() {}

  /** A column a model: the three aspects side by side. */
  static DataTable models(List<ModelAnalysis> models) {
    var rows = new ArrayList<List<String>>();
    rows.add(row("FFN", models, ModelAnalysis::ffn));
    rows.add(
        row(
            "layers × neurons",
            models,
            model -> model.layers().size() + " × " + Figures.count(model.neurons())));
    rows.add(row("perplexity, dense", models, model -> Figures.decimal(model.densePerplexity())));
    rows.add(row("perplexity", models, model -> Figures.decimal(model.chosenPoint().perplexity())));
    rows.add(row("CETT", models, model -> Figures.decimal(model.chosenPoint().cett())));
    rows.add(row("sparsity", models, model -> Figures.percent(1 - model.chosenPoint().density())));
    rows.add(
        row(
            "sparsity within PPL-p%",
            models,
            model ->
                "%s (p = %s)"
                    .formatted(
                        Figures.percent(model.sparsityWithinBudget()),
                        Figures.significant(model.budgetPercent()))));
    rows.add(
        row(
            "predictor's recall",
            models,
            model -> Figures.percent(model.meanPredicted(PredictionQuality::recall))));
    rows.add(
        row(
            "predicted density",
            models,
            model -> Figures.percent(model.meanPredicted(PredictionQuality::density))));
    rows.add(
        row(
            "window's recall",
            models,
            model -> Figures.percent(model.mean(layer -> layer.window().recall()))));
    rows.add(
        row(
            "window's density",
            models,
            model -> Figures.percent(model.mean(layer -> layer.window().density()))));
    rows.add(
        row(
            "recall of both",
            models,
            model -> Figures.percent(model.meanCombined(PredictionQuality::recall))));
    rows.add(
        row(
            "density of both",
            models,
            model -> Figures.percent(model.meanCombined(PredictionQuality::density))));
    rows.add(row("reuse", models, model -> Figures.percent(model.mean(LayerAnalysis::reuse))));
    rows.add(
        row(
            "co-activation gap",
            models,
            model -> Figures.decimal(model.mean(LayerAnalysis::coActivationGap))));
    rows.add(
        row(
            "run of neurons",
            models,
            model -> Figures.decimal(model.mean(LayerAnalysis::runLength))));
    rows.add(
        row(
            "run of neurons, ordered",
            models,
            model -> Figures.decimal(model.mean(LayerAnalysis::orderedRunLength))));
    var columns = new ArrayList<>(List.of(""));
    models.forEach(model -> columns.add(model.name()));
    return new DataTable("The models at their chosen points, means over layers", columns, rows);
  }

  private static List<String> row(
      String name, List<ModelAnalysis> models, Function<ModelAnalysis, String> figure) {
    return Stream.concat(Stream.of(name), models.stream().map(figure)).toList();
  }

  /** A row an operating point. */
  static DataTable points(ModelAnalysis model) {
    var rows = new ArrayList<List<String>>();
    for (OperatingPoint point : model.points()) {
      boolean chosen = point.equals(model.chosenPoint());
      rows.add(
          List.of(
              Figures.decimal(point.cett()),
              Figures.percent(1 - point.density()),
              Figures.decimal(point.perplexity()),
              "%s %%".formatted(Figures.decimal(model.risePercent(point))),
              chosen ? "chosen" : ""));
    }
    return new DataTable(
        model.name() + ": operating points",
        List.of("CETT", "sparsity", "perplexity", "over dense", ""),
        rows);
  }

  /** A row a model: what reading weights takes. */
  static DataTable traffic(List<ModelAnalysis> models) {
    return new DataTable(
        "What a token reads, and the speed that memory allows at most",
        List.of("model", "dense", "sparse", "bandwidth", "bound, dense", "bound, sparse"),
        models.stream().map(AnalysisTables::traffic).toList());
  }

  private static List<String> traffic(ModelAnalysis model) {
    MemoryTraffic traffic = model.traffic();
    return List.of(
        model.name(),
        Figures.megabytes(traffic.denseBytes()),
        Figures.megabytes(traffic.sparseBytes()),
        Figures.megabytes(traffic.bandwidth()) + "/s",
        Figures.decimal(traffic.denseBound()) + " tokens/s",
        Figures.decimal(traffic.sparseBound()) + " tokens/s");
  }

  /** A row a layer. */
  static DataTable layers(ModelAnalysis model) {
    List<String> columns =
        List.of(
            "layer",
            "threshold",
            "density",
            "recall",
            "precision",
            "predicted density",
            "reuse",
            "reuse, window",
            "density, window",
            "recall, both",
            "density, both",
            "never active",
            "co-activation gap",
            "run",
            "run, ordered",
            "");
    var rows = new ArrayList<List<String>>();
    for (LayerAnalysis layer : model.layers()) {
      rows.add(layer(rows.size(), layer));
    }
    return new DataTable(model.name() + ": layers", columns, rows);
  }

  private static List<String> layer(int index, LayerAnalysis layer) {
    PredictionQuality window = layer.window();
    return List.of(
        String.valueOf(index),
        Figures.significant(layer.threshold()),
        Figures.percent(layer.density()),
        Figures.percent(layer.predictor().map(PredictionQuality::recall).orElse(Double.NaN)),
        Figures.percent(layer.predictor().map(PredictionQuality::precision).orElse(Double.NaN)),
        Figures.percent(layer.predictor().map(PredictionQuality::density).orElse(Double.NaN)),
        Figures.percent(layer.reuse()),
        Figures.percent(window.recall()),
        Figures.percent(window.density()),
        Figures.percent(layer.combined().map(PredictionQuality::recall).orElse(Double.NaN)),
        Figures.percent(layer.combined().map(PredictionQuality::density).orElse(Double.NaN)),
        Figures.percent(layer.neverActive()),
        Figures.decimal(layer.coActivationGap()),
        Figures.decimal(layer.runLength()),
        Figures.decimal(layer.orderedRunLength()),
        layer.dense().map(reason -> "dense: " + reason).orElse(""));
  }
}
