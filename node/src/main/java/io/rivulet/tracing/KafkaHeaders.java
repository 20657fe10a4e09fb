package io.rivulet.tracing;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.context.propagation.TextMapSetter;
import io.rivulet.protocol.CloudEvents;
import org.apache.kafka.common.header.Headers;

/** Trace context in the headers of a record. */
final class KafkaHeaders {

  static final TextMapGetter<Headers> GETTER =
      (headers, name) -> CloudEvents.text(headers, name).orElse(null);

  static final TextMapSetter<Headers> SETTER =
      (headers, name, value) -> headers.add(name, value.getBytes(UTF_8));

  private KafkaHeaders() {}
}
