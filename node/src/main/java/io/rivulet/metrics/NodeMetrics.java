package io.rivulet.metrics;

import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.rivulet.engine.Engine;
import io.rivulet.otlp.OtlpSettings;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.micrometer.Label;
import io.vertx.micrometer.MicrometerMetricsFactory;
import io.vertx.micrometer.MicrometerMetricsOptions;
import java.util.EnumSet;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * All that a node measures, under names that are the same in each node. Labels have values of the
 * node's own choice alone: a client cannot make a series. Thread-safe.
 */
public final class NodeMetrics implements AutoCloseable {

  /** What a scrape is, as HTTP says it. */
  public static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

  private final PrometheusMeterRegistry prometheus =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final CompositeMeterRegistry registry = new CompositeMeterRegistry(Clock.SYSTEM);
  private final JvmBinders jvm;
  private final KafkaBinders kafka;
  private final RequestMetrics requests;
  private final IntakeMetrics intake;

  /**
   * The metrics of a node.
   *
   * @param node its id, which tells nodes apart where metrics are sent
   * @param model the name that it answers to
   */
  public NodeMetrics(String node, String model, OtlpSettings otlp) {
    registry.add(prometheus);
    otlp.metrics().ifPresent(url -> registry.add(Otlp.registry(node, url, otlp)));
    jvm = new JvmBinders(registry);
    kafka = new KafkaBinders(registry);
    requests = new RequestMetrics(registry, model);
    intake = new IntakeMetrics(registry);
    Gauge.builder("rivulet.node", () -> 1)
        .description("1, for its labels' sake")
        .tags("node", node, "model", model)
        .register(registry);
  }

  /** How requests went. */
  public RequestMetrics requests() {
    return requests;
  }

  /** How prompts were taken. */
  public IntakeMetrics intake() {
    return intake;
  }

  /** Kafka's clients. */
  public KafkaBinders kafka() {
    return kafka;
  }

  /** Shows what the engine does from now on. */
  public void bind(Engine engine) {
    EngineMetrics.bind(registry, engine);
    SparsityMetrics.bind(registry, engine);
  }

  /**
   * Shows of each check whether all is well.
   *
   * @param checks by their names, always the same ones
   */
  public void checks(Supplier<Map<String, Boolean>> checks) {
    var latest = new Latest<>(checks);
    for (String name : latest.get().keySet()) {
      Gauge.builder("rivulet.health", latest, each -> each.get().get(name) ? 1 : 0)
          .description("1 where a check of the node's readiness is well, else 0")
          .tag("check", name)
          .strongReference(true)
          .register(registry);
    }
  }

  /** A Vert.x whose own metrics are among these. */
  public Vertx vertx(VertxOptions options) {
    var metrics =
        new MicrometerMetricsOptions()
            .setEnabled(true)
            // Or all of the process would share the first one's registry.
            .setRegistryName(UUID.randomUUID().toString())
            // No method and no path: clients choose them.
            .setLabels(EnumSet.of(Label.HTTP_CODE, Label.POOL_TYPE, Label.POOL_NAME));
    return Vertx.builder()
        .with(options.setMetricsOptions(metrics))
        .withMetrics(new MicrometerMetricsFactory(registry))
        .build();
  }

  /** Where others of the node may measure. */
  public MeterRegistry registry() {
    return registry;
  }

  /** All of it in the text format of Prometheus. */
  public String scrape() {
    return prometheus.scrape(CONTENT_TYPE);
  }

  /** Sends the last by OTLP where that is on, and ends. */
  @Override
  public void close() {
    kafka.close();
    jvm.close();
    registry.getRegistries().forEach(MeterRegistry::close);
    registry.close();
  }
}
