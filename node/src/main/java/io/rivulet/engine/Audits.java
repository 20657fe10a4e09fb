package io.rivulet.engine;

import io.rivulet.model.LoadedModel;
import io.rivulet.model.SparsityMode;
import io.rivulet.model.profile.LayerProfile;
import io.rivulet.model.profile.SparsityProfile;
import java.util.List;
import java.util.Optional;

/** Makes the audits of an engine's answers. */
final class Audits {

  private final AuditOptions options;
  private final List<LayerTrust.Expectation> expected;
  private final Statistics statistics;
  private final FallbackLog log;

  Audits(AuditOptions options, LoadedModel model, Statistics statistics) {
    this.options = options;
    this.statistics = statistics;
    expected = model.profile().map(Audits::expected).orElse(List.of());
    log = new FallbackLog(expected.size());
  }

  private static List<LayerTrust.Expectation> expected(SparsityProfile profile) {
    double cett = profile.chosenPoint().cett();
    return profile.layers().stream()
        .map(layer -> new LayerTrust.Expectation(recall(layer), cett))
        .toList();
  }

  private static double recall(LayerProfile layer) {
    return layer.predictor().map(predictor -> predictor.quality().recall()).orElse(1.0);
  }

  /**
   * Those of an answer, where it leaves out neurons that are not zero and audits are on.
   *
   * @param seed the request's
   * @param tally counts what they find
   */
  Optional<SequenceAudits> of(SparsityMode mode, long seed, NeuronTally tally) {
    if (options.interval() == 0 || !mode.calibrated()) {
      return Optional.empty();
    }
    return Optional.of(
        new SequenceAudits(
            new AuditSchedule(seed, expected.size(), options.interval()),
            new LayerTrust(expected, options),
            tally,
            statistics,
            log));
  }
}
