package io.rivulet.model;

import io.rivulet.kernels.FloatTensor;
import io.rivulet.kernels.LaneRows;
import io.rivulet.kernels.Matrix;
import io.rivulet.kernels.WeightCodec;
import io.rivulet.kernels.WeightType;
import io.rivulet.model.profile.LayerProfile;
import io.rivulet.model.profile.NeuronOrder;
import io.rivulet.model.profile.Prediction;
import io.rivulet.model.profile.PredictorWeights;
import io.rivulet.model.profile.SparsityProfile;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Lays a profile out to compute with. */
final class CalibrationReader {

  private CalibrationReader() {}

  /**
   * What passes need of a profile, at its chosen point. Predictors name neurons in the order that
   * the weights lie in.
   *
   * @param weights of the profile's model
   * @param arena owns what is made
   */
  static Calibration read(SparsityProfile profile, Weights weights, Arena arena) {
    List<LayerCalibration> layers = new ArrayList<>();
    for (int i = 0; i < profile.layers().size(); i++) {
      Optional<NeuronOrder> order = weights.layers().get(i).feedForward().order();
      layers.add(layer(profile.layers().get(i), profile.chosen(), order, arena));
    }
    return new Calibration(profile.prediction().map(Prediction::lookahead).orElse(0), layers);
  }

  private static LayerCalibration layer(
      LayerProfile layer, int point, Optional<NeuronOrder> order, Arena arena) {
    float threshold = layer.thresholds().get(0, point);
    FloatTensor thresholds = FloatTensor.allocate(arena, 1, layer.neurons());
    for (int neuron = 0; neuron < layer.neurons(); neuron++) {
      float norm = layer.downNorms().get(0, neuron);
      thresholds.set(0, neuron, norm == 0 ? Float.POSITIVE_INFINITY : threshold / norm);
    }
    return new LayerCalibration(
        thresholds, layer.predictor().map(weights -> predictor(weights, order, arena)));
  }

  private static NeuronPredictor predictor(
      PredictorWeights weights, Optional<NeuronOrder> order, Arena arena) {
    float[] bias = weights.bias().row(0);
    try (Arena scratch = Arena.ofConfined()) {
      FloatTensor out = decoded(weights.out(), scratch);
      return new NeuronPredictor(
          half(weights.in(), decoded(weights.in(), scratch), arena),
          LaneRows.of(
              arena,
              order.map(each -> placed(out, each, scratch)).orElse(out),
              order.map(each -> each.placed(bias)).orElse(bias)),
          order);
    }
  }

  private static FloatTensor placed(FloatTensor ofNeurons, NeuronOrder order, Arena arena) {
    FloatTensor placed = FloatTensor.allocate(arena, ofNeurons.rows(), ofNeurons.cols());
    for (int place = 0; place < order.size(); place++) {
      placed.setRow(place, ofNeurons.row(order.neuron(place)));
    }
    return placed;
  }

  /** In F16, of which half as much is to be read. */
  private static Matrix half(Matrix matrix, FloatTensor values, Arena arena) {
    WeightType type = WeightType.F16;
    var data = arena.allocate(type.rowBytes(matrix.cols()) * matrix.rows(), FloatTensor.ALIGNMENT);
    Matrix half = new Matrix(type, matrix.rows(), matrix.cols(), data);
    for (int row = 0; row < matrix.rows(); row++) {
      WeightCodec.encodeRow(values, row, matrix.cols(), type, data, row * half.rowBytes());
    }
    return half;
  }

  private static FloatTensor decoded(Matrix matrix, Arena arena) {
    FloatTensor values = FloatTensor.allocate(arena, matrix.rows(), matrix.cols());
    for (int row = 0; row < matrix.rows(); row++) {
      WeightCodec.decodeRow(matrix, row, values, row);
    }
    return values;
  }
}
