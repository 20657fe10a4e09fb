package io.rivulet.model.profile;

/**
 * How well a layer's active neurons are predicted, on text that nothing was fitted to.
 *
 * @param recall share of the active neurons that are predicted
 * @param precision share of the predicted neurons that are active
 * @param density share of all neurons that are predicted
 */
public record PredictionQuality(double recall, double precision, double density) {

  public PredictionQuality {
    OperatingPoint.requireShare("recall", recall);
    OperatingPoint.requireShare("precision", precision);
    OperatingPoint.requireShare("predicted density", density);
  }
}
