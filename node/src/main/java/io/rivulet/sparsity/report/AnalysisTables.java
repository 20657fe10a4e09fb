package io.rivulet.sparsity.report;

import io.rivulet.model.profile.OperatingPoint;
import io.rivulet.model.profile.PredictionQuality;
import java.util.ArrayList;
import java.util.List;

/** The report's tables. */
final class AnalysisTables {

  private AnalysisTables() {}

  /** A row a model: the three aspects side by side. */
  static DataTable models(List<ModelAnalysis> models) {
    List<String> columns =
        List.of(
            "model",
            "FFN",
            "layers × neurons",
            "dense perplexity",
            "sparsity at the chosen point",
            "its CETT",
            "its perplexity",
            "recall",
            "predicted density",
            "reuse",
            "co-activation gap",
            "run, ordered");
    return new DataTable(
        "The models at their chosen points, means over layers",
        columns,
        models.stream().map(AnalysisTables::model).toList());
  }

  private static List<String> model(ModelAnalysis model) {
    OperatingPoint chosen = model.chosenPoint();
    return List.of(
        model.name(),
        model.ffn(),
        model.layers().size() + " × " + Figures.count(model.neurons()),
        Figures.decimal(model.densePerplexity()),
        Figures.percent(1 - chosen.density()),
        Figures.decimal(chosen.cett()),
        Figures.decimal(chosen.perplexity()),
        Figures.percent(model.meanPredicted(PredictionQuality::recall)),
        Figures.percent(model.meanPredicted(PredictionQuality::density)),
        Figures.percent(model.mean(LayerAnalysis::reuse)),
        Figures.decimal(model.mean(LayerAnalysis::coActivationGap)),
        Figures.decimal(model.mean(LayerAnalysis::orderedRunLength)));
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
        Figures.decimal(layer.coActivationGap()),
        Figures.decimal(layer.runLength()),
        Figures.decimal(layer.orderedRunLength()),
        layer.dense().map(reason -> "dense: " + reason).orElse(""));
  }
}
