package io.rivulet.model.profile;

import io.rivulet.kernels.FloatTensor;
import java.util.List;
import java.util.Optional;

/**
 * What is known about the neurons of a layer. A neuron is active for a token when the magnitude of
 * its output, |activation| times the norm of its down column, is larger than the threshold.
 * Everything counts neurons as the model does, whether there is an order or not.
 *
 * @param downNorms Euclidean norm of each neuron's column of the down projection: 1 x neurons
 * @param thresholds a threshold for each operating point: 1 x points
 * @param densities share of active neurons at each operating point
 * @param predictor of the active neurons
 * @param window how well the last tokens' active neurons predict, where that was measured
 * @param order that puts neurons side by side which are active together
 * @param dense why all of the layer is to be computed for every token, if it is
 */
public record LayerProfile(
    FloatTensor downNorms,
    FloatTensor thresholds,
    List<Double> densities,
    Optional<PredictorWeights> predictor,
    Optional<WindowQuality> window,
    Optional<NeuronOrder> order,
    Optional<String> dense) {

  public LayerProfile {
    densities = List.copyOf(densities);
    densities.forEach(density -> OperatingPoint.requireShare("a density", density));
    int neurons = downNorms.cols();
    if (downNorms.rows() != 1
        || thresholds.rows() != 1
        || thresholds.cols() != densities.size()
        || predictor.map(weights -> weights.out().rows() != neurons).orElse(false)
        || order.map(permutation -> permutation.size() != neurons).orElse(false)) {
      throw new IllegalArgumentException(
          "a layer of %d neurons with %d thresholds, %d densities and another predictor or order"
              .formatted(neurons, thresholds.cols(), densities.size()));
    }
  }

  /** Neurons of the layer. */
  public int neurons() {
    return downNorms.cols();
  }
}
