package io.rivulet.sparsity.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.rivulet.model.profile.OperatingPoint;
import io.rivulet.model.profile.PredictionQuality;
import io.rivulet.sparsity.MagnitudeHistogram;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

/** The page is sound XML, and what was found out about the models is in its tables and plots. */
class AnalysisReportTest {

  private static final String HOSTILE = "<script>alert(\"&\")</script>\u0000";

  @Test
  void tablesHoldTheFigures() throws Exception {
    Document page = parse(AnalysisReport.html(List.of(model("tiny", true))));
    List<List<String>> rows = rows(page);
    assertEquals(
        List.of(
            List.of("", "tiny"),
            List.of("FFN", "RELU_SQUARED"),
            List.of("layers × neurons", "2 × 1,024"),
            List.of("perplexity, dense", "8.000"),
            List.of("perplexity", "8.040"),
            List.of("CETT", "0.200"),
            List.of("sparsity", "87.5 %"),
            List.of("sparsity within PPL-p%", "87.5 % (p = 1)"),
            List.of("predictor's recall", "97.0 %"),
            List.of("predicted density", "20.0 %"),
            List.of("window's recall", "70.0 %"),
            List.of("window's density", "30.0 %"),
            List.of("recall of both", "98.0 %"),
            List.of("density of both", "35.0 %"),
            List.of("reuse", "40.0 %"),
            List.of("co-activation gap", "0.250"),
            List.of("run of neurons", "1.500"),
            List.of("run of neurons, ordered", "3.000")),
        rows.subList(0, 18));
    assertTrue(rows.contains(List.of("0.200", "87.5 %", "8.040", "0.500 %", "chosen")));
    assertTrue(rows.contains(List.of("0.500", "95.0 %", "16.000", "100.000 %", "")));
    assertTrue(
        rows.contains(
            List.of(
                "tiny",
                "10.00 MB",
                "4.00 MB",
                "20000.00 MB/s",
                "2000.000 tokens/s",
                "5000.000 tokens/s")),
        rows.toString());
    assertTrue(
        rows.contains(
            List.of(
                "1",
                "0.125",
                "12.5 %",
                "97.0 %",
                "60.0 %",
                "20.0 %",
                "40.0 %",
                "70.0 %",
                "30.0 %",
                "98.0 %",
                "35.0 %",
                "12.5 %",
                "0.250",
                "1.500",
                "3.000",
                "dense: no neuron is active")),
        rows.toString());
  }

  @Test
  void plotsHoldTheFigures() throws Exception {
    Document page = parse(AnalysisReport.html(List.of(model("tiny", true))));
    List<String> tips = texts(page, "title");
    assertTrue(tips.contains("tiny: 0.2, 87.5"), tips.toString());
    assertTrue(tips.contains("tiny: 87.5, 0.5"), tips.toString());
    assertTrue(tips.contains("tiny: 1, 97"), tips.toString());
    assertTrue(tips.contains("layer 0 (50.0 % exactly zero): 1, 50"), tips.toString());
    assertFalse(tips.contains("tiny: 95, 100"), "a point far over the budget");
    assertTrue(texts(page, "text").contains("10.00 MB"));
    String notes = String.join(" ", texts(page, "p"));
    assertTrue(notes.contains("at most p % over dense, here 1 %;"), notes);
    assertTrue(notes.contains("Measured on 5,000 tokens."), notes);
    assertTrue(notes.contains("The union of the last 5 tokens' active neurons"), notes);
  }

  @Test
  void pointsLieOnTheirAxes() throws Exception {
    Series series =
        new Series("a", 0, false, List.of(new Series.Point(0, 2), new Series.Point(10, 6)));
    var markup = new Markup();
    new LineChart(
            "id",
            "title",
            Axis.over("x", List.of(0.0, 10.0)),
            Axis.over("y", List.of(2.0, 6.0)),
            List.of(series))
        .write(markup);
    Document figure = parse(markup.toString());
    Element path = (Element) figure.getElementsByTagName("path").item(0);
    assertEquals("M64.0 272.0L624.0 12.0", path.getAttribute("d"));
    List<String> texts = texts(figure, "text");
    assertEquals(List.of("0", "2", "4", "6", "8", "10"), texts.subList(0, 6));
    assertEquals(List.of("2", "3", "4", "5", "6", "x", "y", "a"), texts.subList(6, 14));
  }

  @Test
  void everyPlotHasANameAndNothingIsFetched() throws Exception {
    String html = AnalysisReport.html(List.of(model("a", true), model("b", false)));
    Document page = parse(html);
    Set<String> ids = new HashSet<>();
    NodeList captions = page.getElementsByTagName("figcaption");
    for (int i = 0; i < captions.getLength(); i++) {
      assertTrue(ids.add(((Element) captions.item(i)).getAttribute("id")));
    }
    NodeList plots = page.getElementsByTagName("svg");
    assertEquals(captions.getLength(), plots.getLength());
    for (int i = 0; i < plots.getLength(); i++) {
      Element plot = (Element) plots.item(i);
      assertEquals("img", plot.getAttribute("role"));
      assertTrue(ids.contains(plot.getAttribute("aria-labelledby")));
    }
    for (String element : List.of("script", "link", "img", "iframe", "object")) {
      assertEquals(0, page.getElementsByTagName(element).getLength(), element);
    }
    assertFalse(html.contains("url(") || html.contains("@import"));
    assertTrue(html.contains("prefers-color-scheme: dark"));
  }

  @Test
  void modelsStandSideBySide() throws Exception {
    Document page = parse(AnalysisReport.html(List.of(model("a", true), model("b", false))));
    List<String> tips = texts(page, "title");
    assertTrue(tips.contains("a: 0.2, 87.5") && tips.contains("b: 0.2, 87.5"), tips.toString());
    // A model without predictors has no recall.
    assertTrue(rows(page).contains(List.of("predictor's recall", "97.0 %", "–")));
    assertTrue(rows(page).contains(List.of("recall of both", "98.0 %", "–")));
    assertTrue(rows(page).contains(List.of("CETT", "0.200", "0.200")));
  }

  @Test
  void aNameIsShownAsItIs() throws Exception {
    Document page = parse(AnalysisReport.html(List.of(model(HOSTILE, true))));
    assertEquals(0, page.getElementsByTagName("script").getLength());
    assertTrue(rows(page).getFirst().getLast().equals(HOSTILE.replace('\u0000', '?')));
    String longName = "x".repeat(200);
    assertTrue(
        texts(parse(AnalysisReport.html(List.of(model(longName, true)))), "text")
            .contains("x".repeat(31) + "…"));
  }

  @Test
  void axesHaveRoundTicks() {
    assertEquals(
        List.of(0.0, 0.1, 0.2, 0.3, 0.4, 0.5),
        Axis.over("", List.of(0.0, 0.5)).ticks().stream()
            .map(tick -> Math.round(10 * tick) / 10.0)
            .toList());
    Axis small = Axis.over("", List.of(-0.013, 0.021));
    assertTrue(small.from() <= -0.013 && small.to() >= 0.021);
    assertEquals("0.00", Axis.over("", List.of(-0.05, 0.05)).shown(-0.0));
    assertEquals(List.of(0.0, 1.0), Axis.ofWholeNumbers("", List.of(0.0)).ticks());
    Axis one = Axis.over("", List.of(5.0));
    assertTrue(one.from() <= 5 && one.to() > 5);
    assertTrue(Axis.over("", List.of()).to() > 0);
  }

  @Test
  void refusesAReportOfNothing() {
    assertThrows(IllegalArgumentException.class, () -> AnalysisReport.html(List.of()));
  }

  private static ModelAnalysis model(String name, boolean predictors) {
    var histogram = new MagnitudeHistogram();
    histogram.add(0);
    histogram.add(3);
    var layers = new ArrayList<LayerAnalysis>();
    for (int i = 0; i < 2; i++) {
      layers.add(
          new LayerAnalysis(
              0.125,
              0.125,
              MagnitudeDistribution.of(histogram),
              predictors ? Optional.of(new PredictionQuality(0.97, 0.6, 0.2)) : Optional.empty(),
              0.4,
              new PredictionQuality(0.7, 0.3, 0.3),
              predictors ? Optional.of(new PredictionQuality(0.98, 0.4, 0.35)) : Optional.empty(),
              0.125,
              0.25,
              1.5,
              3,
              i == 1 ? Optional.of("no neuron is active") : Optional.empty()));
    }
    return new ModelAnalysis(
        name,
        "RELU_SQUARED",
        1024,
        5000,
        5,
        8,
        1,
        List.of(
            new OperatingPoint(0, 8, 0.5),
            new OperatingPoint(0.2, 8.04, 0.125),
            new OperatingPoint(0.5, 16, 0.05)),
        1,
        layers,
        new MemoryTraffic(1e7, 4e6, 2e10));
  }

  private static Document parse(String xml) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(xml)));
  }

  private static List<List<String>> rows(Document page) {
    var rows = new ArrayList<List<String>>();
    NodeList elements = page.getElementsByTagName("tr");
    for (int i = 0; i < elements.getLength(); i++) {
      var cells = new ArrayList<String>();
      NodeList children = elements.item(i).getChildNodes();
      for (int c = 0; c < children.getLength(); c++) {
        if (children.item(c) instanceof Element cell) {
          cells.add(cell.getTextContent());
        }
      }
      rows.add(cells);
    }
    return rows;
  }

  private static List<String> texts(Document page, String element) {
    var texts = new ArrayList<String>();
    NodeList elements = page.getElementsByTagName(element);
    for (int i = 0; i < elements.getLength(); i++) {
      texts.add(elements.item(i).getTextContent());
    }
    return texts;
  }
}
