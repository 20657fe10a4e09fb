package io.rivulet.model;

import io.rivulet.kernels.FloatTensor;
import io.rivulet.kernels.Matrix;
import io.rivulet.kernels.WeightCodec;
import io.rivulet.kernels.WeightType;
import io.rivulet.model.profile.LayerProfile;
import io.rivulet.model.profile.OperatingPoint;
import io.rivulet.model.profile.Prediction;
import io.rivulet.model.profile.PredictionQuality;
import io.rivulet.model.profile.PredictorWeights;
import io.rivulet.model.profile.ProfileSource;
import io.rivulet.model.profile.ProfiledModel;
import io.rivulet.model.profile.SparsityProfile;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;

/** A profile with random predictors, which name about half of the neurons, or with any bias. */
public record RandomProfile(float threshold, int lookahead, float bias) {

  static final int RANK = 6;

  public SparsityProfile of(LoadedModel model, Arena arena) {
    ProfiledModel profiled = model.profiled();
    return new SparsityProfile(
        new ProfileSource(profiled.fingerprint(), "0".repeat(64), 1000),
        10,
        List.of(new OperatingPoint(0.1, 10, 0.5)),
        0,
        Optional.of(new Prediction(lookahead, 10)),
        IntStream.range(0, profiled.layers())
            .mapToObj(layer -> layer(layer, profiled, arena))
            .toList());
  }

  private LayerProfile layer(int layer, ProfiledModel profiled, Arena arena) {
    Random random = new Random(layer);
    FloatTensor norms = FloatTensor.allocate(arena, 1, profiled.neurons());
    for (int neuron = 0; neuron < profiled.neurons(); neuron++) {
      norms.set(0, neuron, 0.5f + random.nextFloat());
    }
    FloatTensor biases = FloatTensor.allocate(arena, 1, profiled.neurons());
    for (int neuron = 0; neuron < profiled.neurons(); neuron++) {
      biases.set(0, neuron, bias);
    }
    return new LayerProfile(
        norms,
        FloatTensor.of(arena, threshold),
        List.of(0.5),
        Optional.of(
            new PredictorWeights(
                matrix(arena, random, RANK, profiled.width()),
                matrix(arena, random, profiled.neurons(), RANK),
                biases,
                new PredictionQuality(0.9, 0.5, 0.5))),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  private static Matrix matrix(Arena arena, Random random, int rows, int cols) {
    FloatTensor values = FloatTensor.allocate(arena, rows, cols);
    var data = arena.allocate(WeightType.F32.rowBytes(cols) * rows, 64);
    for (int row = 0; row < rows; row++) {
      for (int col = 0; col < cols; col++) {
        values.set(row, col, (float) random.nextGaussian());
      }
      WeightCodec.encodeRow(
          values, row, cols, WeightType.F32, data, row * WeightType.F32.rowBytes(cols));
    }
    return new Matrix(WeightType.F32, rows, cols, data);
  }
}
