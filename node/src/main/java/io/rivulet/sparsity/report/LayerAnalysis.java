package io.rivulet.sparsity.report;

import io.rivulet.model.profile.PredictionQuality;
import java.util.Optional;

/**
 * What was found out about a layer, at the chosen point.
 *
 * @param threshold over which a neuron is active
 * @param density share of neurons that are active
 * @param magnitudes of neurons' outputs, whatever the threshold
 * @param predictor how well its predictor names the active neurons, if it has one
 * @param reuse share of active neurons that were active for the token before
 * @param window the union of the last tokens' active neurons as a prediction
 * @param combined the same together with what the predictor names, where that was measured
 * @param neverActive share of neurons that no token of the text used
 * @param coActivationGap top-average co-activation gap
 * @param runLength neurons of a run of active ones, in the mean, in the model's own order
 * @param orderedRunLength the same in an order found for it
 * @param dense why it stays dense, if it does
 */
public record LayerAnalysis(
    double threshold,
    double density,
    MagnitudeDistribution magnitudes,
    Optional<PredictionQuality> predictor,
    double reuse,
    PredictionQuality window,
    Optional<PredictionQuality> combined,
    double neverActive,
    double coActivationGap,
    double runLength,
    double orderedRunLength,
    Optional<String> dense) {

  double sparsity() {
    return 1 - density;
  }
}
