package io.rivulet.model.profile;

/**
 * What a profile was found with.
 *
 * @param model the model
 * @param textSha256 of the calibration text's UTF-8
 * @param tokens of it that were looked at
 */
public record ProfileSource(ModelFingerprint model, String textSha256, long tokens) {

  public ProfileSource {
    ModelFingerprint.requireSha256("a text's hash", textSha256);
  }
}
