package io.rivulet.engine;

import io.rivulet.model.LoadedModel;
import io.rivulet.model.SparsityMode;
import io.rivulet.model.profile.LayerProfile;
import io.rivulet.model.profile.SparsityProfile;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/** Makes the audits of an engine's answers. */
final class Audits {

  private final AuditOptions options;
  private final List<LayerTrust.Expectation> expected;
  private final List<AuditBounds> bounds;
  private final Statistics statistics;
  private final FallbackLog log;

  Audits(AuditOptions options, LoadedModel model, Statistics statistics) {
    this.options = options;
    this.statistics = statistics;
    expected = model.profile().map(Audits::expected).orElse(List.of());
    bounds = bounds(options, model, expected);
    log = new FallbackLog(expected.size());
  }

  private static List<LayerTrust.Expectation> expected(SparsityProfile profile) {
    double cett = profile.chosenPoint().cett();
    return profile.layers().stream()
        .map(layer -> new LayerTrust.Expectation(recall(layer), cett))
        .toList();
  }

  private static List<AuditBounds> bounds(
      AuditOptions options, LoadedModel model, List<LayerTrust.Expectation> expected) {
    if (options.interval() == 0 || model.profile().isEmpty()) {
      return Collections.nCopies(model.spec().layers(), AuditBounds.NONE);
    }
    List<LayerProfile> layers = model.profile().get().layers();
    return IntStream.range(0, layers.size())
        .mapToObj(
            layer ->
                new AuditBounds(
                    layers.get(layer).predictor().isPresent()
                        ? OptionalDouble.of(Math.max(0, expected.get(layer).recallFloor(options)))
                        : OptionalDouble.empty(),
                    OptionalDouble.of(expected.get(layer).cettCeiling(options))))
        .toList();
  }

  /** What the audits of an answer must find of each layer. */
  List<AuditBounds> bounds() {
    return bounds;
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
