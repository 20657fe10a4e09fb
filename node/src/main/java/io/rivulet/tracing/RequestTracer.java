package io.rivulet.tracing;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.spi.ConfigurationException;
import io.opentelemetry.sdk.resources.Resource;
import io.rivulet.otlp.OtlpSettings;
import java.net.URI;
import java.time.Instant;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.header.Headers;

/**
 * Begins a span for each generation, with the attributes of the OpenTelemetry semantic conventions
 * for GenAI 1.41.0. The span is the root of a trace of its own and links to the one that the
 * prompt's record tells of: the prompt may wait for long, and its sender does not. Thread-safe.
 */
public final class RequestTracer implements AutoCloseable {

  private static final String SCHEMA = "https://opentelemetry.io/schemas/1.41.0";

  private final Optional<OpenTelemetrySdk> sdk;
  private final Optional<Tracer> tracer;

  /**
   * Traces where the settings say where to.
   *
   * @param node its id, which tells nodes apart
   * @throws IllegalArgumentException when the settings cannot be used
   */
  public RequestTracer(String node, OtlpSettings settings) {
    sdk = settings.traces().map(endpoint -> sdk(node, settings, endpoint));
    tracer =
        sdk.map(
            each ->
                each.getTracerProvider().tracerBuilder("io.rivulet").setSchemaUrl(SCHEMA).build());
  }

  private static OpenTelemetrySdk sdk(String node, OtlpSettings settings, URI endpoint) {
    var properties = new HashMap<String, String>();
    settings
        .variables()
        .forEach(
            (name, value) ->
                properties.put(name.toLowerCase(Locale.ROOT).replace('_', '.'), value));
    properties.put("otel.traces.exporter", "otlp");
    properties.put("otel.exporter.otlp.traces.endpoint", endpoint.toString());
    properties.put("otel.exporter.otlp.traces.protocol", "http/protobuf");
    // Metrics go their own way.
    properties.put("otel.metrics.exporter", "none");
    properties.put("otel.logs.exporter", "none");
    try {
      return AutoConfiguredOpenTelemetrySdk.builder()
          .addPropertiesCustomizer(read -> properties)
          .addResourceCustomizer(
              (found, read) -> Resource.getDefault().merge(resource(settings.resource(node))))
          .disableShutdownHook()
          .build()
          .getOpenTelemetrySdk();
    } catch (ConfigurationException e) {
      throw new IllegalArgumentException("tracing cannot be set up: " + e.getMessage(), e);
    }
  }

  private static Resource resource(Map<String, String> attributes) {
    AttributesBuilder builder = Attributes.builder();
    attributes.forEach((name, value) -> builder.put(AttributeKey.stringKey(name), value));
    return Resource.create(builder.build());
  }

  /**
   * Begins a generation's span; absent where nothing is traced.
   *
   * @param taken when the node took the prompt
   * @param from the prompt's headers, for the trace context in them
   */
  public Optional<RequestTrace> begin(TracedRequest request, Instant taken, Headers from) {
    return tracer.map(
        each -> {
          SpanBuilder builder =
              each.spanBuilder(request.spanName())
                  .setNoParent()
                  .setSpanKind(SpanKind.INTERNAL)
                  .setStartTimestamp(taken)
                  .setAllAttributes(request.attributes());
          SpanContext asked =
              Span.fromContext(
                      W3CTraceContextPropagator.getInstance()
                          .extract(Context.root(), from, KafkaHeaders.GETTER))
                  .getSpanContext();
          if (asked.isValid()) {
            builder.addLink(asked);
          }
          return new RequestTrace(each, builder.startSpan());
        });
  }

  /** Sends what is left, and ends. */
  @Override
  public void close() {
    sdk.ifPresent(OpenTelemetrySdk::close);
  }
}
