package io.rivulet.sparsity.calibration;

import io.rivulet.model.profile.NeuronOrder;
import io.rivulet.model.profile.PredictorWeights;
import io.rivulet.model.profile.WindowQuality;
import java.util.Optional;

/**
 * What was found of a layer, apart from its thresholds.
 *
 * @param predictor to compute with
 * @param window measured beside it
 * @param order of its neurons
 * @param dense why it is computed whole, if it is
 */
record LayerFindings(
    Optional<PredictorWeights> predictor,
    Optional<WindowQuality> window,
    Optional<NeuronOrder> order,
    Optional<String> dense) {

  static final LayerFindings NONE =
      new LayerFindings(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

  static LayerFindings predictor(PredictorWeights weights) {
    return new LayerFindings(
        Optional.of(weights), Optional.empty(), Optional.empty(), Optional.empty());
  }

  static LayerFindings dense(String reason) {
    return new LayerFindings(
        Optional.empty(), Optional.empty(), Optional.empty(), Optional.of(reason));
  }

  LayerFindings with(WindowQuality measured, Optional<NeuronOrder> found) {
    return new LayerFindings(predictor, Optional.of(measured), found, dense);
  }
}
