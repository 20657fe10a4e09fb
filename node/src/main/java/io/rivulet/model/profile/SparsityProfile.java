package io.rivulet.model.profile;

import java.util.List;
import java.util.Optional;

/**
 * A model's sparsity as calibration found it. Weights and norms live as long as the arena they were
 * made in.
 *
 * @param densePerplexity of held-out text with all neurons
 * @param points by ascending CETT, at least one
 * @param chosen which of them to compute with, from 0
 * @param prediction present where layers have predictors
 * @param layers in the model's order, at least one
 */
public record SparsityProfile(
    ProfileSource source,
    double densePerplexity,
    List<OperatingPoint> points,
    int chosen,
    Optional<Prediction> prediction,
    List<LayerProfile> layers) {

  public SparsityProfile {
    points = List.copyOf(points);
    layers = List.copyOf(layers);
    OperatingPoint.requirePerplexity(densePerplexity);
    if (layers.isEmpty() || chosen < 0 || chosen >= points.size()) {
      throw new IllegalArgumentException(
          "a profile needs layers and a chosen point, was %d layers and point %d of %d"
              .formatted(layers.size(), chosen, points.size()));
    }
    for (int i = 1; i < points.size(); i++) {
      if (points.get(i).cett() <= points.get(i - 1).cett()) {
        throw new IllegalArgumentException(
            "the CETT of operating points must ascend, %s follows %s"
                .formatted(points.get(i).cett(), points.get(i - 1).cett()));
      }
    }
    for (LayerProfile layer : layers) {
      if (layer.densities().size() != points.size()
          || layer.neurons() != layers.getFirst().neurons()
          || (layer.predictor().isPresent() && prediction.isEmpty())) {
        throw new IllegalArgumentException(
            "layers must have as many neurons each, a threshold for each point, and predictors"
                + " only where their lookahead is said");
      }
    }
  }

  /** The point to compute with. */
  public OperatingPoint chosenPoint() {
    return points.get(chosen);
  }
}
