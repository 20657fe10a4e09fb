package io.rivulet.cli;

import io.rivulet.engine.AuditOptions;
import picocli.CommandLine.Option;

/** How often answers are audited that leave neurons out. */
final class AuditOption {

  @Option(
      names = "--audit-interval",
      paramLabel = "N",
      description =
          "In threshold and predicted, compute each layer with all neurons beside for one token in"
              + " N, and exactly where that finds too much left out; 0 turns this off (default:"
              + " ${DEFAULT-VALUE}; the same on all nodes of a group).")
  private int interval = AuditOptions.DEFAULT.interval();

  /** What was asked for. */
  AuditOptions options() {
    return AuditOptions.DEFAULT.withInterval(interval);
  }
}
