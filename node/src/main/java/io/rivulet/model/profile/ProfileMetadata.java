package io.rivulet.model.profile;

import io.rivulet.model.gguf.ModelFileException;
import io.rivulet.model.safetensors.JsonFile;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** All of a profile but its tensors, and the JSON that it is stored as. */
record ProfileMetadata(
    ProfileSource source,
    double densePerplexity,
    List<OperatingPoint> points,
    int chosen,
    Optional<Prediction> prediction,
    List<Layer> layers) {

  /** Where the JSON stands in the file's metadata. */
  static final String KEY = "rivulet.sparsity_profile";

  private static final int VERSION = 1;

  /**
   * A layer.
   *
   * @param quality present where it has a predictor
   */
  record Layer(
      List<Double> densities,
      Optional<PredictionQuality> quality,
      Optional<WindowQuality> window,
      Optional<String> dense) {

    static Layer of(LayerProfile layer) {
      return new Layer(
          layer.densities(),
          layer.predictor().map(PredictorWeights::quality),
          layer.window(),
          layer.dense());
    }
  }

  static ProfileMetadata of(SparsityProfile profile) {
    return new ProfileMetadata(
        profile.source(),
        profile.densePerplexity(),
        profile.points(),
        profile.chosen(),
        profile.prediction(),
        profile.layers().stream().map(Layer::of).toList());
  }

  String toJson() {
    ObjectNode root = JsonFile.emptyObject();
    root.put("version", VERSION);
    root.put("model_sha256", source.model().sha256());
    root.put("text_sha256", source.textSha256());
    root.put("text_tokens", source.tokens());
    root.put("dense_perplexity", densePerplexity);
    root.put("chosen_point", chosen);
    ArrayNode pointNodes = root.putArray("points");
    for (OperatingPoint point : points) {
      pointNodes
          .addObject()
          .put("cett", point.cett())
          .put("perplexity", point.perplexity())
          .put("density", point.density());
    }
    prediction.ifPresent(
        all ->
            root.putObject("prediction")
                .put("lookahead", all.lookahead())
                .put("perplexity", all.perplexity()));
    ArrayNode layerNodes = root.putArray("layers");
    layers.forEach(layer -> put(layer, layerNodes.addObject()));
    return root.toString();
  }

  private static void put(Layer layer, ObjectNode node) {
    ArrayNode densities = node.putArray("densities");
    layer.densities.forEach(densities::add);
    layer.quality.ifPresent(quality -> put(quality, node.putObject("predictor")));
    layer.window.ifPresent(
        window -> {
          ObjectNode windowNode = node.putObject("window");
          windowNode.put("tokens", window.tokens());
          put(window.alone(), windowNode.putObject("alone"));
          window.combined().ifPresent(both -> put(both, windowNode.putObject("combined")));
        });
    layer.dense.ifPresent(reason -> node.put("dense", reason));
  }

  private static void put(PredictionQuality quality, ObjectNode node) {
    node.put("recall", quality.recall());
    node.put("precision", quality.precision());
    node.put("density", quality.density());
  }

  /**
   * Reads it.
   *
   * @throws ModelFileException if it is not sound
   */
  static ProfileMetadata parse(Path file, String json) {
    var root = new ProfileFields(file, "", JsonFile.parse(file, json));
    long version = root.integer("version", 0, Long.MAX_VALUE);
    if (version != VERSION) {
      throw new ModelFileException(
          file,
          "field version is %d, this version of Rivulet reads %d".formatted(version, VERSION),
          "calibrate the model again, or take the Rivulet that wrote it");
    }
    List<OperatingPoint> points =
        root.objects("points").stream().map(ProfileMetadata::point).toList();
    if (points.isEmpty()) {
      throw new ModelFileException(file, "field points is empty", ProfileFields.MEND);
    }
    return new ProfileMetadata(
        root.make(
            () ->
                new ProfileSource(
                    new ModelFingerprint(root.text("model_sha256")),
                    root.text("text_sha256"),
                    root.integer("text_tokens", 0, Long.MAX_VALUE))),
        root.number("dense_perplexity"),
        points,
        (int) root.integer("chosen_point", 0, points.size() - 1),
        root.object("prediction").map(ProfileMetadata::prediction),
        root.objects("layers").stream().map(layer -> layer(layer, points.size())).toList());
  }

  private static OperatingPoint point(ProfileFields fields) {
    return fields.make(
        () ->
            new OperatingPoint(
                fields.number("cett"), fields.number("perplexity"), fields.number("density")));
  }

  private static Prediction prediction(ProfileFields fields) {
    return fields.make(
        () ->
            new Prediction(
                (int) fields.integer("lookahead", 0, Prediction.MAX_LOOKAHEAD),
                fields.number("perplexity")));
  }

  private static Layer layer(ProfileFields fields, int points) {
    List<Double> densities = fields.numbers("densities");
    if (densities.size() != points) {
      throw new ModelFileException(
          fields.file(),
          "field %sdensities has %d numbers for %d points"
              .formatted(fields.name(), densities.size(), points),
          ProfileFields.MEND);
    }
    return new Layer(
        densities,
        fields.object("predictor").map(ProfileMetadata::quality),
        fields.object("window").map(ProfileMetadata::window),
        fields.optionalText("dense"));
  }

  private static WindowQuality window(ProfileFields fields) {
    return fields.make(
        () ->
            new WindowQuality(
                (int) fields.integer("tokens", 1, WindowQuality.MAX_TOKENS),
                quality(fields.requiredObject("alone")),
                fields.object("combined").map(ProfileMetadata::quality)));
  }

  private static PredictionQuality quality(ProfileFields fields) {
    return fields.make(
        () ->
            new PredictionQuality(
                fields.number("recall"), fields.number("precision"), fields.number("density")));
  }
}
