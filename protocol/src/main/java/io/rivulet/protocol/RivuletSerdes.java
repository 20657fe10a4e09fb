package io.rivulet.protocol;

import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/**
 * Kafka serializers and deserializers of the messages. A value that cannot be read becomes a {@link
 * SerializationException} whose message names the field.
 */
public final class RivuletSerdes {

  private RivuletSerdes() {}

  /** Of the prompts topic. */
  public static Serde<GenerationRequest> generationRequest() {
    return Serdes.serdeFrom(
        (topic, request) -> request.toJson(),
        (topic, value) -> read(() -> GenerationRequest.fromJson(value)));
  }

  /** Of the tokens topic. */
  public static Serde<TokenEvent> tokenEvent() {
    return Serdes.serdeFrom(
        (topic, event) -> event.toJson(), (topic, value) -> read(() -> TokenEvent.fromJson(value)));
  }

  /** Of the control topic. */
  public static Serde<Cancel> cancel() {
    return Serdes.serdeFrom(
        (topic, cancel) -> cancel.toJson(), (topic, value) -> read(() -> Cancel.fromJson(value)));
  }

  /** Of the telemetry topic; reading tells the kinds apart by the {@code ce_type} header. */
  public static Serde<TelemetryEvent> telemetryEvent() {
    return Serdes.serdeFrom(
        (topic, event) -> event.toJson(),
        new Deserializer<TelemetryEvent>() {
          @Override
          public TelemetryEvent deserialize(String topic, byte[] value) {
            throw new SerializationException("telemetry is read by its ce_type header");
          }

          @Override
          public TelemetryEvent deserialize(String topic, Headers headers, byte[] value) {
            String type = CloudEvents.text(headers, CloudEvents.TYPE).orElse("");
            return read(() -> TelemetryEvent.fromJson(type, value));
          }
        });
  }

  private interface Reading<T> {
    T read();
  }

  private static <T> T read(Reading<T> reading) {
    try {
      return reading.read();
    } catch (MalformedMessageException e) {
      throw new SerializationException(e.getMessage(), e);
    }
  }
}
