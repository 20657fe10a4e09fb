package io.rivulet.faults;

import io.rivulet.protocol.CloudEvents;
import io.rivulet.protocol.TokenEvent;
import java.time.Instant;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * An event as it was published.
 *
 * @param at when the node made it, which may be long before Kafka had it
 */
record Spoken(TokenEvent event, Instant at) {

  /** An attempt at a prompt. Two nodes may count deliveries alike: a new broker forgets some. */
  record Speaker(String node, int attempt) {}

  static Spoken read(ConsumerRecord<byte[], byte[]> record) {
    return new Spoken(
        TokenEvent.fromJson(record.value()),
        Instant.parse(CloudEvents.text(record.headers(), CloudEvents.TIME).orElseThrow()));
  }

  Speaker speaker() {
    return new Speaker(event.node(), event.attempt());
  }
}
