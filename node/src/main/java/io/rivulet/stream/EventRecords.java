package io.rivulet.stream;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rivulet.protocol.CloudEvents;
import io.rivulet.protocol.Completion;
import io.rivulet.protocol.MessageType;
import io.rivulet.protocol.TelemetryEvent;
import io.rivulet.protocol.TokenEvent;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.apache.kafka.clients.producer.ProducerRecord;

/** What a node says, as records of Kafka. */
final class EventRecords {

  /** Names the record in which the prompt was sent that an event answers: its {@link Origin}. */
  static final String PROMPT = "rivulet_prompt";

  private final NodeOptions options;
  private final String source;

  EventRecords(NodeOptions options) {
    this.options = options;
    this.source = "/rivulet/nodes/" + options.nodeId();
  }

  ProducerRecord<byte[], byte[]> of(Attempt attempt, TokenEvent event) {
    var record =
        new ProducerRecord<>(options.topics().tokens(), event.id().getBytes(UTF_8), event.toJson());
    String eventId = event.id() + "/" + event.attempt() + "/" + event.index();
    CloudEvents.add(record.headers(), MessageType.TOKEN, source, eventId, Instant.now());
    CloudEvents.carryTrace(attempt.trace(), record.headers());
    record.headers().add(PROMPT, attempt.origin().place().getBytes(UTF_8));
    return record;
  }

  /** The end of an answer after so many tokens. */
  ProducerRecord<byte[], byte[]> end(
      Attempt attempt, int index, String tail, Completion completion) {
    return of(
        attempt,
        new TokenEvent(
            attempt.id(),
            attempt.number(),
            index,
            List.of(),
            tail,
            options.nodeId(),
            Optional.of(completion)));
  }

  ProducerRecord<byte[], byte[]> of(TelemetryEvent event) {
    var record =
        new ProducerRecord<>(
            options.topics().telemetry(), event.node().getBytes(UTF_8), event.toJson());
    CloudEvents.add(
        record.headers(), event.type(), source, UUID.randomUUID().toString(), event.time());
    return record;
  }
}
