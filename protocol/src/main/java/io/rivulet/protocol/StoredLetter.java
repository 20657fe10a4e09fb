package io.rivulet.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Instant;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * A record of the dead-letter topic.
 *
 * @param record with the error headers
 */
public record StoredLetter(ConsumerRecord<byte[], byte[]> record) {

  /** Where it lies: partition and offset in the dead-letter topic. */
  public String place() {
    return record.partition() + ":" + record.offset();
  }

  /** When it was put there. */
  public Instant time() {
    return Instant.ofEpochMilli(record.timestamp());
  }

  /** Why; absent for a record that something else than a node has put there. */
  public Optional<DeadLetter> reason() {
    return DeadLetter.read(record.headers());
  }

  /** The request's id, where one can be made out: the value's, else the key. */
  public Optional<String> id() {
    return Optional.ofNullable(record.value())
        .flatMap(GenerationRequest::idIn)
        .or(
            () ->
                Optional.ofNullable(record.key())
                    .map(key -> new String(key, UTF_8))
                    .filter(GenerationRequest::isId));
  }

  /** Bytes of the value. */
  public int size() {
    return record.value() == null ? 0 : record.value().length;
  }
}
