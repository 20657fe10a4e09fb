package io.rivulet.model;

import java.util.List;

/**
 * What a calibration found of a model's FFNs.
 *
 * @param lookahead how many layers before its own a layer's predictor reads the input of attention;
 *     the first layers' read that of the first
 * @param layers one a layer of the model
 */
record Calibration(int lookahead, List<LayerCalibration> layers) {

  Calibration {
    layers = List.copyOf(layers);
  }

  /** Bytes of all predictors. */
  long predictorBytes() {
    return layers.stream()
        .flatMap(layer -> layer.predictor().stream())
        .mapToLong(NeuronPredictor::bytes)
        .sum();
  }

  /** The largest rank of a predictor, 0 where there is none. */
  int mostRank() {
    return layers.stream()
        .flatMap(layer -> layer.predictor().stream())
        .mapToInt(NeuronPredictor::rank)
        .max()
        .orElse(0);
  }

  /** Whether a layer's active neurons are predicted. */
  boolean predicts(int layer) {
    return layers.get(layer).predictor().isPresent();
  }

  /** The layer whose attention input the predictor of a layer reads. */
  int source(int layer) {
    return Math.max(0, layer - lookahead);
  }
}
