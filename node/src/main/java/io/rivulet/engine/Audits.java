package io.rivulet.engine;

import io.rivulet.model.LoadedModel;
import java.util.Optional;

/** Makes the audits of an engine's answers. */
final class Audits {

  private final AuditOptions options;
  private final int layers;
  private final double cettCeiling;
  private final Statistics statistics;
  private final FallbackLog log;

  Audits(AuditOptions options, LoadedModel model, Statistics statistics) {
    this.options = options;
    this.statistics = statistics;
    layers = model.spec().layers();
    cettCeiling =
        options.cettCeiling(
            model.profile().map(profile -> profile.chosenPoint().cett()).orElse(0.0));
    log = new FallbackLog(layers);
  }

  /**
   * Those of an answer, where it leaves out neurons that are not zero and audits are on.
   *
   * @param tally counts what they find
   */
  Optional<SequenceAudits> of(GenerationTask task, NeuronTally tally) {
    if (options.interval() == 0 || !task.sparsity().calibrated()) {
      return Optional.empty();
    }
    return Optional.of(
        new SequenceAudits(
            new AuditSchedule(task.sampling().seed(), layers, options.interval()),
            new LayerTrust(layers, options.recallFloor(), cettCeiling),
            tally,
            statistics,
            log));
  }
}
