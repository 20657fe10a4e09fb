package io.rivulet.cli;

import io.rivulet.sparsity.calibration.CalibrationProgress;
import java.util.Locale;

/** Findings a line each, and where somebody looks on how far it is; on standard error. */
final class CalibrationLines implements CalibrationProgress {

  private final boolean terminal = Terminal.console().isPresent();

  @Override
  public void onStep(String stage, long done, long all) {
    if (terminal) {
      System.err.printf(Locale.ROOT, "\r\033[K%s: %d of %d", stage, done, all);
    } else if (done == all) {
      System.err.println(stage + ": done");
    }
  }

  @Override
  public void onFinding(String line) {
    System.err.println((terminal ? "\r\033[K" : "") + line);
  }
}
