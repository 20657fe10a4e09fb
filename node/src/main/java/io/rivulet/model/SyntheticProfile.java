package io.rivulet.model;

import io.rivulet.kernels.FloatTensor;
import io.rivulet.kernels.Matrix;
import io.rivulet.kernels.WeightCodec;
import io.rivulet.kernels.WeightType;
import io.rivulet.model.profile.LayerProfile;
import io.rivulet.model.profile.ModelFingerprint;
import io.rivulet.model.profile.OperatingPoint;
import io.rivulet.model.profile.Prediction;
import io.rivulet.model.profile.PredictionQuality;
import io.rivulet.model.profile.PredictorWeights;
import io.rivulet.model.profile.ProfileSource;
import io.rivulet.model.profile.ProfiledModel;
import io.rivulet.model.profile.SparsityProfile;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * A profile for a {@link SyntheticModel}: predictors of the usual size that name a share of the
 * neurons at random. What is measured with it is the speed of computing those alone, never how good
 * a prediction is.
 */
public final class SyntheticProfile {

  private static final int RANK = 128;
  private static final int DRAWS = 1 << 16;

  private SyntheticProfile() {}

  /**
   * Makes it; the same arguments give the same profile.
   *
   * @param named share of the neurons that predictors name, over 0 and less than 1
   * @param arena owns it
   */
  public static SparsityProfile of(LoadedModel model, double named, Arena arena) {
    if (!(named > 0 && named < 1)) {
      throw new IllegalArgumentException(
          "the share of neurons that are named is over 0 and less than 1, was " + named);
    }
    ProfiledModel profiled = model.profiled();
    var random = new SplittableRandom(1);
    float bias = bias(named, random);
    List<LayerProfile> layers = new ArrayList<>();
    for (int layer = 0; layer < profiled.layers(); layer++) {
      layers.add(layer(profiled, named, bias, random, arena));
    }
    return new SparsityProfile(
        new ProfileSource(profiled.fingerprint(), ModelFingerprint.sha256(""), 1),
        1,
        List.of(new OperatingPoint(0, 1, named)),
        0,
        Optional.of(new Prediction(1, 1)),
        layers);
  }

  /** Scores are normal, as inputs are normalised and weights random. */
  private static float bias(double named, SplittableRandom random) {
    double[] draws = new double[DRAWS];
    Arrays.setAll(draws, i -> random.nextGaussian());
    Arrays.sort(draws);
    return (float) -draws[(int) ((1 - named) * DRAWS)];
  }

  private static LayerProfile layer(
      ProfiledModel model, double named, float bias, SplittableRandom random, Arena arena) {
    FloatTensor norms = FloatTensor.allocate(arena, 1, model.neurons());
    FloatTensor biases = FloatTensor.allocate(arena, 1, model.neurons());
    for (int neuron = 0; neuron < model.neurons(); neuron++) {
      norms.set(0, neuron, 1);
      biases.set(0, neuron, bias);
    }
    return new LayerProfile(
        norms,
        FloatTensor.of(arena, 0),
        List.of(named),
        Optional.of(
            new PredictorWeights(
                normal(WeightType.F32, RANK, model.width(), random, arena),
                normal(WeightType.F16, model.neurons(), RANK, random, arena),
                biases,
                new PredictionQuality(1, 1, named))),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /** Of which the product with a row of variance 1 has variance 1. */
  private static Matrix normal(
      WeightType type, int rows, int cols, SplittableRandom random, Arena arena) {
    long rowBytes = type.rowBytes(cols);
    var data = arena.allocate(rowBytes * rows, FloatTensor.ALIGNMENT);
    FloatTensor row = FloatTensor.allocate(arena, 1, cols);
    double deviation = 1 / Math.sqrt(cols);
    for (int i = 0; i < rows; i++) {
      for (int col = 0; col < cols; col++) {
        row.set(0, col, (float) (deviation * random.nextGaussian()));
      }
      WeightCodec.encodeRow(row, 0, cols, type, data, i * rowBytes);
    }
    return new Matrix(type, rows, cols, data);
  }
}
