package io.rivulet.protocol;

import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** What is said of sparsity, as JSON. */
final class SparsityJson {

  private static final int MOST_LAYERS = 100_000;

  private SparsityJson() {}

  static void write(SparsityReport report, ObjectNode json) {
    write(report.all(), json);
    var layers = json.putArray("layers");
    report.layers().forEach(layer -> write(layer, layers.addObject()));
  }

  private static void write(SparsityFigures figures, ObjectNode json) {
    json.put("density", figures.density());
    figures.predictedDensity().ifPresent(share -> json.put("predicted_density", share));
    figures.recall().ifPresent(share -> json.put("recall", share));
    figures.precision().ifPresent(share -> json.put("precision", share));
    figures.cett().ifPresent(share -> json.put("cett", share));
    json.put("audits", figures.audits());
    json.put("fallback", figures.fallback());
  }

  static void write(RequestSparsity sparsity, ObjectNode json) {
    json.put("density", sparsity.density());
    sparsity.predictedDensity().ifPresent(share -> json.put("predicted_density", share));
    sparsity.recall().ifPresent(share -> json.put("recall", share));
    var layers = json.putArray("layer_density");
    sparsity.layerDensity().forEach(layers::add);
  }

  static SparsityFigures readFigures(Fields fields) {
    return new SparsityFigures(
        fields.requiredNumber("density", 0, 1),
        fields.number("predicted_density", 0, 1),
        fields.number("recall", 0, 1),
        fields.number("precision", 0, 1),
        fields.number("cett", 0, Double.MAX_VALUE),
        fields.integer("audits", 0L, Long.MAX_VALUE).orElse(0),
        fields.number("fallback", 0, 1).orElse(0.0));
  }

  static List<SparsityFigures> readLayers(Fields fields) {
    return fields.children("layers", MOST_LAYERS).stream().map(SparsityJson::readFigures).toList();
  }

  static RequestSparsity readRequest(Fields fields) {
    return new RequestSparsity(
        fields.requiredNumber("density", 0, 1),
        fields.number("predicted_density", 0, 1),
        fields.number("recall", 0, 1),
        fields.numbers("layer_density"));
  }
}
