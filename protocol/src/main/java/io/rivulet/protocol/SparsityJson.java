package io.rivulet.protocol;

import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/** What is said of sparsity, as JSON: shares to four digits. */
final class SparsityJson {

  private static final int MOST_LAYERS = 100_000;
  private static final int MOST_BOUNDS = 1000;
  private static final double SHARES = 1e4;

  private SparsityJson() {}

  static void write(SparsityFigures figures, ObjectNode json) {
    json.put("density", share(figures.density()));
    figures.predictedDensity().ifPresent(share -> json.put("predicted_density", share(share)));
    figures.recall().ifPresent(share -> json.put("recall", share(share)));
    figures.recallFloor().ifPresent(share -> json.put("recall_floor", share(share)));
    figures.precision().ifPresent(share -> json.put("precision", share(share)));
    figures.cett().ifPresent(share -> json.put("cett", share(share)));
    figures.cettCeiling().ifPresent(share -> json.put("cett_ceiling", share(share)));
    json.put("audits", figures.audits())
        .put("fallback", share(figures.fallback()))
        .put("fallen_back", figures.fallenBack())
        .put("bytes_read", figures.bytesRead())
        .put("bytes_skipped", figures.bytesSkipped());
    var counts = json.putArray("density_counts");
    figures.densityCounts().forEach(counts::add);
  }

  static void write(RequestSparsity sparsity, ObjectNode json) {
    json.put("density", sparsity.density());
    sparsity.predictedDensity().ifPresent(share -> json.put("predicted_density", share));
    sparsity.recall().ifPresent(share -> json.put("recall", share));
    sparsity.cett().ifPresent(share -> json.put("cett", share));
    json.put("fallback", sparsity.fallback());
    var layers = json.putArray("layer_density");
    sparsity.layerDensity().forEach(layers::add);
  }

  /** To as many digits as a share is good for. */
  static double share(double value) {
    return Math.round(value * SHARES) / SHARES;
  }

  static SparsityFigures readFigures(Fields fields) {
    return new SparsityFigures(
        fields.requiredNumber("density", 0, 1),
        fields.number("predicted_density", 0, 1),
        fields.number("recall", 0, 1),
        fields.number("recall_floor", 0, 1),
        fields.number("precision", 0, 1),
        fields.number("cett", 0, Double.MAX_VALUE),
        fields.number("cett_ceiling", 0, Double.MAX_VALUE),
        count(fields, "audits"),
        fields.number("fallback", 0, 1).orElse(0.0),
        count(fields, "fallen_back"),
        count(fields, "bytes_read"),
        count(fields, "bytes_skipped"),
        fields.counts("density_counts", MOST_BOUNDS));
  }

  private static long count(Fields fields, String name) {
    return fields.integer(name, 0L, Long.MAX_VALUE).orElse(0);
  }

  static List<SparsityFigures> readLayers(Fields fields) {
    return fields.children("layers", MOST_LAYERS).stream().map(SparsityJson::readFigures).toList();
  }

  static RequestSparsity readRequest(Fields fields) {
    return new RequestSparsity(
        fields.requiredNumber("density", 0, 1),
        fields.number("predicted_density", 0, 1),
        fields.number("recall", 0, 1),
        fields.number("cett", 0, Double.MAX_VALUE),
        fields.number("fallback", 0, 1).orElse(0.0),
        fields.numbers("layer_density"));
  }
}
