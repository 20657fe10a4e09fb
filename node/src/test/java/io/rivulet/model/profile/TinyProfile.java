package io.rivulet.model.profile;

import io.rivulet.kernels.FloatTensor;
import io.rivulet.kernels.Matrix;
import io.rivulet.kernels.WeightType;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** A sound profile of made-up numbers, with all that a profile can have. */
public final class TinyProfile {

  private static final int RANK = 2;
  private static final String TEXT = ModelFingerprint.sha256("calibration text");

  private TinyProfile() {}

  /** For a model; the first layer has no predictor and no order, the last is dense. */
  public static SparsityProfile of(ProfiledModel model, Arena arena) {
    return new SparsityProfile(
        new ProfileSource(model.fingerprint(), TEXT, 1000),
        8.5,
        List.of(new OperatingPoint(0, 8.5, 0.25), new OperatingPoint(0.2, 8.625, 0.125)),
        1,
        Optional.of(new Prediction(1, 8.75)),
        IntStream.range(0, model.layers()).mapToObj(i -> layer(i, model, arena)).toList());
  }

  private static LayerProfile layer(int index, ProfiledModel model, Arena arena) {
    boolean plain = index == 0;
    boolean last = index == model.layers() - 1;
    return new LayerProfile(
        values(arena, model.neurons(), 0.5f),
        FloatTensor.of(arena, 0, 0.5f + index),
        List.of(0.25, 0.125),
        plain ? Optional.empty() : Optional.of(predictor(model, arena)),
        Optional.of(window(!plain)),
        plain ? Optional.empty() : Optional.of(reversed(model.neurons())),
        last ? Optional.of("no neuron is ever active") : Optional.empty());
  }

  private static WindowQuality window(boolean predictor) {
    return new WindowQuality(
        5,
        new PredictionQuality(0.5, 0.25, 0.125),
        predictor ? Optional.of(new PredictionQuality(0.875, 0.25, 0.375)) : Optional.empty());
  }

  private static PredictorWeights predictor(ProfiledModel model, Arena arena) {
    return new PredictorWeights(
        matrix(arena, RANK, model.width()),
        matrix(arena, model.neurons(), RANK),
        values(arena, model.neurons(), -1),
        new PredictionQuality(0.97, 0.5, 0.24));
  }

  private static Matrix matrix(Arena arena, int rows, int cols) {
    var data = arena.allocate((long) rows * cols * Float.BYTES, Float.BYTES);
    for (int i = 0; i < rows * cols; i++) {
      data.setAtIndex(ValueLayout.JAVA_FLOAT, i, i / 8f);
    }
    return new Matrix(WeightType.F32, rows, cols, data);
  }

  private static FloatTensor values(Arena arena, int length, float first) {
    FloatTensor values = FloatTensor.allocate(arena, 1, length);
    for (int i = 0; i < length; i++) {
      values.set(0, i, first + i);
    }
    return values;
  }

  private static NeuronOrder reversed(int neurons) {
    return new NeuronOrder(IntStream.range(0, neurons).map(i -> neurons - 1 - i).toArray());
  }
}
