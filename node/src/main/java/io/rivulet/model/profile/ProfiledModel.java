package io.rivulet.model.profile;

/**
 * The model that a profile has to fit.
 *
 * @param layers transformer blocks
 * @param neurons width of the FFN
 * @param width numbers in the residual stream
 */
public record ProfiledModel(ModelFingerprint fingerprint, int layers, int neurons, int width) {}
