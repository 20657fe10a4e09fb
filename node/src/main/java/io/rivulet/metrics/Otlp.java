package io.rivulet.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.registry.otlp.OtlpConfig;
import io.micrometer.registry.otlp.OtlpMeterRegistry;
import io.rivulet.otlp.OtlpSettings;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Metrics sent by OTLP, by HTTP with protobuf. */
final class Otlp {

  private Otlp() {}

  static MeterRegistry registry(String node, URI url, OtlpSettings settings) {
    return OtlpMeterRegistry.builder(new Config(node, url, settings)).build();
  }

  private record Config(String node, URI to, OtlpSettings settings) implements OtlpConfig {

    /** Milliseconds, 60 s where it does not say (the specification's default). */
    private static final String INTERVAL = "OTEL_METRIC_EXPORT_INTERVAL";

    /** No other source of settings than these: a null lets the defaults below stand. */
    @Override
    @SuppressWarnings("NullAway")
    public String get(String key) {
      return null;
    }

    @Override
    public String url() {
      return to.toString();
    }

    @Override
    public Duration step() {
      return Optional.ofNullable(settings.variables().get(INTERVAL))
          .map(text -> Duration.ofMillis(milliseconds(text)))
          .orElse(Duration.ofMinutes(1));
    }

    private static long milliseconds(String text) {
      if (!text.matches("[1-9][0-9]{0,9}")) {
        throw new IllegalArgumentException(
            INTERVAL + " must be a positive number of milliseconds, was '" + text + "'");
      }
      return Long.parseLong(text);
    }

    @Override
    public Map<String, String> resourceAttributes() {
      return settings.resource(node);
    }

    @Override
    public Map<String, String> headers() {
      return settings.metricsHeaders();
    }

    @Override
    public TimeUnit baseTimeUnit() {
      return TimeUnit.SECONDS;
    }
  }
}
