package io.rivulet.stream;

import io.rivulet.engine.Engine;
import io.rivulet.engine.EngineLoad;
import io.rivulet.engine.GenerationResult;
import io.rivulet.engine.NeuronActivity;
import io.rivulet.engine.PrefixCacheLoad;
import io.rivulet.protocol.NodeReport;
import io.rivulet.protocol.PrefixCacheReport;
import io.rivulet.protocol.SparsityReport;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reports once a second what the node does, and how sparsely it computed where it did; and the
 * sparsity of each request at its end.
 */
final class TelemetryVerticle extends VerticleBase {

  private static final Duration PERIOD = Duration.ofSeconds(1);
  private static final double NANOS_PER_SECOND = 1e9;

  private final NodeOptions options;
  private final Engine engine;
  private final PublishVerticle publisher;
  private final long started = System.nanoTime();
  private long last = started;
  private EngineLoad lastLoad;
  private List<NeuronActivity> lastActivity;

  TelemetryVerticle(NodeOptions options, Engine engine, PublishVerticle publisher) {
    this.options = options;
    this.engine = engine;
    this.publisher = publisher;
  }

  @Override
  public Future<?> start() {
    lastLoad = engine.load();
    lastActivity = engine.layerActivity();
    vertx.setPeriodic(PERIOD.toMillis(), timer -> report());
    return Future.succeededFuture();
  }

  @Override
  public Future<?> stop() {
    report();
    return Future.succeededFuture();
  }

  private void report() {
    long now = System.nanoTime();
    Instant time = Instant.now();
    EngineLoad load = engine.load();
    List<NeuronActivity> activity = engine.layerActivity();
    publisher.telemetry(nodeReport(time, now, load));
    sparsityReport(time, now, activity).ifPresent(publisher::telemetry);
    last = now;
    lastLoad = load;
    lastActivity = activity;
  }

  private NodeReport nodeReport(Instant time, long now, EngineLoad load) {
    double seconds = Math.max(now - last, 1) / NANOS_PER_SECOND;
    return new NodeReport(
        options.nodeId(),
        time,
        options.model(),
        Duration.ofNanos(now - started),
        load.waiting(),
        load.longestWait(),
        load.running(),
        load.capacity(),
        load.kvTokensUsed(),
        load.kvTokensCapacity(),
        load.promptTokens(),
        load.generatedTokens(),
        (load.generatedTokens() - lastLoad.generatedTokens()) / seconds,
        prefixCacheReport(load.prefixCache()));
  }

  private static PrefixCacheReport prefixCacheReport(PrefixCacheLoad load) {
    return new PrefixCacheReport(load.lookedUp(), load.reused(), load.cached(), load.evicted());
  }

  private Optional<SparsityReport> sparsityReport(
      Instant time, long now, List<NeuronActivity> activity) {
    var layers = new ArrayList<NeuronActivity>();
    for (int i = 0; i < activity.size(); i++) {
      layers.add(activity.get(i).minus(lastActivity.get(i)));
    }
    return NeuronActivity.sum(layers).tokens() == 0
        ? Optional.empty()
        : Optional.of(report(time, Optional.empty(), Duration.ofNanos(now - last), layers));
  }

  private SparsityReport report(
      Instant time, Optional<String> id, Duration window, List<NeuronActivity> layers) {
    return new SparsityReport(
        options.nodeId(),
        time,
        id,
        window,
        Translation.figures(NeuronActivity.sum(layers)),
        layers.stream().map(Translation::figures).toList());
  }

  /** A request has come to its end. */
  void finished(String id, GenerationResult result) {
    if (result.generatedTokens() > 0 && !result.layerDensity().isEmpty()) {
      publisher.telemetry(
          report(
              Instant.now(),
              Optional.of(id),
              result.prefill().plus(result.decode()),
              result.layers()));
    }
  }
}
