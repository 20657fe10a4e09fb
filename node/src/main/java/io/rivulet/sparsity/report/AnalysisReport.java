package io.rivulet.sparsity.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The analysis of one or several models as a page that needs nothing else: plots in SVG, tables, no
 * script. It follows the light or dark of the reader's screen, and is XML as well as HTML.
 */
public final class AnalysisReport {

  private static final String STYLE = "report.css";

  private final Markup page = new Markup();
  private final List<ModelAnalysis> models;
  private final AnalysisCharts charts;

  private AnalysisReport(List<ModelAnalysis> models) {
    this.models = models;
    charts = new AnalysisCharts(models);
  }

  /**
   * The page.
   *
   * @param models at least one; several are shown side by side
   */
  public static String html(List<ModelAnalysis> models) {
    if (models.isEmpty()) {
      throw new IllegalArgumentException("a report needs a model");
    }
    return new AnalysisReport(List.copyOf(models)).html();
  }

  private String html() {
    page.begin("html", "xmlns", "http://www.w3.org/1999/xhtml", "lang", "en");
    page.begin("head").empty("meta", "charset", "utf-8");
    page.empty("meta", "name", "viewport", "content", "width=device-width, initial-scale=1");
    page.element("title", "Sparse activation").element("style", style()).end();
    page.begin("body").element("h1", "Sparse activation");
    AnalysisTables.models(models).write(page);
    performance();
    predictivity();
    affinity();
    layers();
    page.end().end();
    return "<!DOCTYPE html>\n" + page;
  }

  private void performance() {
    ModelAnalysis first = models.getFirst();
    section(
        "Sparsity against performance",
        ("A neuron is active for a token when the magnitude of its output is over its layer's"
             + " threshold. CETT is the norm of what the others would add to the layer's output,"
             + " over the norm of all of it. PPL-p%% is the sparsity of the sparsest point whose"
             + " perplexity is at most p %% over dense, here %s %%; layers are shown at the chosen"
             + " point of the model's profile. Measured on %s tokens.")
            .formatted(Figures.significant(first.budgetPercent()), Figures.count(first.tokens())));
    page.begin("div", "class", "charts");
    charts.performance().write(page);
    charts.sparsityOverCett().write(page);
    charts.layerSparsity().write(page);
    for (int i = 0; i < models.size(); i++) {
      charts.magnitudes(models.get(i), "magnitudes" + i).write(page);
    }
    page.end();
    page.begin("div", "class", "charts");
    models.forEach(model -> AnalysisTables.points(model).write(page));
    page.end();
  }

  private void predictivity() {
    section(
        "Predictivity",
        ("A predictor names a layer's active neurons before the layer is computed. What it misses"
             + " costs accuracy, what it names in vain costs time. The union of the last %d tokens'"
             + " active neurons is a prediction, too, which takes no training: the table of layers"
             + " has how it does, alone and together with the predictor.")
            .formatted(models.getFirst().window()));
    page.begin("div", "class", "charts");
    charts.recall().write(page);
    charts.predictedDensity().write(page);
    page.end();
  }

  private void affinity() {
    section(
        "Hardware affinity",
        "Neurons that stay active from token to token are in a cache already; those that are"
            + " active together can lie side by side, to be read in runs. The window holds the"
            + " last %d tokens.".formatted(models.getFirst().window()));
    page.begin("div", "class", "charts");
    charts.reuse().write(page);
    charts.coActivation().write(page);
    charts.runs().write(page);
    charts.bytes().write(page);
    page.end();
    AnalysisTables.traffic(models).write(page);
  }

  private void layers() {
    section("Layers", "All figures are those at the chosen point.");
    models.forEach(model -> AnalysisTables.layers(model).write(page));
  }

  private void section(String title, String text) {
    page.element("h2", title).element("p", text, "class", "note");
  }

  private static String style() {
    try (InputStream in = AnalysisReport.class.getResourceAsStream(STYLE)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
