package io.rivulet.stream;

import io.rivulet.engine.AuditBounds;
import io.rivulet.engine.DensityBounds;
import io.rivulet.engine.Engine;
import io.rivulet.engine.EngineLoad;
import io.rivulet.engine.EngineSteps;
import io.rivulet.engine.EngineTimes;
import io.rivulet.engine.NeuronActivity;
import io.rivulet.engine.PrefixCacheLoad;
import io.rivulet.protocol.FinishReason;
import io.rivulet.protocol.FinishedRequests;
import io.rivulet.protocol.NodeReport;
import io.rivulet.protocol.PrefixCacheReport;
import io.rivulet.protocol.SparsityFigures;
import io.rivulet.protocol.SparsityReport;
import io.rivulet.protocol.TelemetryEvent;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.stream.IntStream;

/** Reports regularly what the node does, and how sparsely it computed where it did. */
final class TelemetryVerticle extends VerticleBase {

  private static final double NANOS_PER_SECOND = 1e9;

  private final NodeOptions options;
  private final Engine engine;
  private final PublishVerticle publisher;
  private final Map<FinishReason, LongAdder> finished = new EnumMap<>(FinishReason.class);
  private final long started = System.nanoTime();
  private long last = started;
  private EngineLoad lastLoad;
  private List<NeuronActivity> lastActivity;

  TelemetryVerticle(NodeOptions options, Engine engine, PublishVerticle publisher) {
    this.options = options;
    this.engine = engine;
    this.publisher = publisher;
    for (FinishReason reason : FinishReason.values()) {
      finished.put(reason, new LongAdder());
    }
  }

  @Override
  public Future<?> start() {
    lastLoad = engine.load();
    lastActivity = engine.layerActivity();
    if (reports()) {
      vertx.setPeriodic(options.telemetryInterval().toMillis(), timer -> report());
    }
    return Future.succeededFuture();
  }

  @Override
  public Future<?> stop() {
    if (reports()) {
      report();
    }
    return Future.succeededFuture();
  }

  private boolean reports() {
    return !options.telemetryInterval().isZero();
  }

  /** A request has come to its end. */
  void finished(FinishReason reason) {
    finished.get(reason).increment();
  }

  private void report() {
    long now = System.nanoTime();
    Instant time = Instant.now();
    EngineLoad load = engine.load();
    List<NeuronActivity> activity = engine.layerActivity();
    Duration window = Duration.ofNanos(Math.max(now - last, 1));
    publisher.telemetry(nodeReport(time, window, Duration.ofNanos(now - started), load));
    sparsityReport(time, window, activity).ifPresent(publisher::telemetry);
    last = now;
    lastLoad = load;
    lastActivity = activity;
  }

  private NodeReport nodeReport(Instant time, Duration window, Duration uptime, EngineLoad load) {
    double seconds = window.toNanos() / NANOS_PER_SECOND;
    EngineSteps steps = load.steps().minus(lastLoad.steps());
    EngineTimes times = load.times().minus(lastLoad.times());
    return new NodeReport(
        TelemetryEvent.VERSION,
        options.nodeId(),
        time,
        options.model(),
        options.telemetryInterval(),
        window,
        uptime,
        load.waiting(),
        load.longestWait(),
        load.running(),
        load.capacity(),
        load.kvTokensUsed(),
        load.kvTokensCapacity(),
        load.promptTokens(),
        load.generatedTokens(),
        (load.generatedTokens() - lastLoad.generatedTokens()) / seconds,
        (load.promptTokens() - lastLoad.promptTokens()) / seconds,
        steps.decoding() == 0
            ? Optional.empty()
            : Optional.of((double) steps.answers() / steps.decoding()),
        load.threads(),
        Math.round(steps.weightBytes() / seconds),
        Translation.sparsity(options.defaultSparsity()),
        prefixCacheReport(load.prefixCache()),
        Translation.histogram(times.firstToken()),
        Translation.histogram(times.nextToken()),
        Translation.histogram(times.queue()),
        finishedRequests());
  }

  private static PrefixCacheReport prefixCacheReport(PrefixCacheLoad load) {
    return new PrefixCacheReport(load.lookedUp(), load.reused(), load.cached(), load.evicted());
  }

  private FinishedRequests finishedRequests() {
    return new FinishedRequests(
        count(FinishReason.STOP),
        count(FinishReason.LENGTH),
        count(FinishReason.CANCELLED),
        count(FinishReason.DEADLINE),
        count(FinishReason.ERROR));
  }

  private long count(FinishReason reason) {
    return finished.get(reason).sum();
  }

  private Optional<SparsityReport> sparsityReport(
      Instant time, Duration window, List<NeuronActivity> activity) {
    List<NeuronActivity> layers = NeuronActivity.minus(activity, lastActivity);
    long tokens = layers.stream().mapToLong(NeuronActivity::tokens).max().orElse(0);
    if (tokens == 0) {
      return Optional.empty();
    }
    List<Integer> fallenBack = engine.fallenBack();
    List<AuditBounds> bounds = engine.auditBounds();
    SparsityFigures all =
        Translation.figures(
            NeuronActivity.sum(layers),
            new AuditBounds(
                mean(bounds, AuditBounds::recallFloor), mean(bounds, AuditBounds::cettCeiling)),
            fallenBack.stream().mapToInt(Integer::intValue).sum());
    return Optional.of(
        new SparsityReport(
            TelemetryEvent.VERSION,
            options.nodeId(),
            time,
            options.model(),
            window,
            tokens,
            all,
            DensityBounds.ALL,
            IntStream.range(0, layers.size())
                .mapToObj(
                    layer ->
                        Translation.figures(
                            layers.get(layer), bounds.get(layer), fallenBack.get(layer)))
                .toList()));
  }

  /** Of the layers that have it. */
  private static OptionalDouble mean(
      List<AuditBounds> bounds, Function<AuditBounds, OptionalDouble> bound) {
    return bounds.stream().map(bound).flatMapToDouble(OptionalDouble::stream).average();
  }
}
