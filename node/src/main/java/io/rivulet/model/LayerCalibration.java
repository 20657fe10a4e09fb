package io.rivulet.model;

import io.rivulet.kernels.FloatTensor;
import java.util.Optional;

/**
 * What a calibration found of a layer's FFN.
 *
 * @param thresholds 1 x neurons: an activation that is not larger than its neuron's is left out
 * @param predictor absent where the layer is better computed whole
 */
record LayerCalibration(FloatTensor thresholds, Optional<NeuronPredictor> predictor) {}
