package io.rivulet.sparsity.calibration;

import io.rivulet.kernels.FloatTensor;
import io.rivulet.model.profile.LayerProfile;
import io.rivulet.model.profile.OperatingPoint;
import io.rivulet.model.profile.Prediction;
import io.rivulet.model.profile.ProfileSource;
import io.rivulet.model.profile.SparsityProfile;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What of a profile is known once thresholds are found.
 *
 * @param thresholds of each layer
 * @param arena owns the profiles that are made of it
 */
record ProfileDraft(ProfileSource source, List<LayerThresholds> thresholds, Arena arena) {

  ProfileDraft {
    thresholds = List.copyOf(thresholds);
  }

  /** Without predictors. */
  SparsityProfile profile(double dense, List<OperatingPoint> points, int chosen) {
    List<LayerFindings> none = thresholds.stream().map(layer -> LayerFindings.NONE).toList();
    return profile(dense, points, chosen, Optional.empty(), none);
  }

  /** With what was found of each layer. */
  SparsityProfile profile(
      double dense,
      List<OperatingPoint> points,
      int chosen,
      Optional<Prediction> prediction,
      List<LayerFindings> findings) {
    List<LayerProfile> layers = new ArrayList<>();
    for (int layer = 0; layer < thresholds.size(); layer++) {
      LayerThresholds found = thresholds.get(layer);
      float[] values = new float[found.values().size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = found.values().get(i);
      }
      layers.add(
          new LayerProfile(
              found.downNorms(),
              FloatTensor.of(arena, values),
              found.densities(),
              findings.get(layer).predictor(),
              findings.get(layer).window(),
              findings.get(layer).order(),
              findings.get(layer).dense()));
    }
    return new SparsityProfile(source, dense, points, chosen, prediction, layers);
  }
}
