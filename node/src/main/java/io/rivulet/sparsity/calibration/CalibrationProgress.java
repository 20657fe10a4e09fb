package io.rivulet.sparsity.calibration;

/** Hears how far a calibration is. */
public interface CalibrationProgress {

  /** A part of a stage is done; at the end all of it. */
  void onStep(String stage, long done, long all);

  /** Something was found. */
  void onFinding(String line);
}
