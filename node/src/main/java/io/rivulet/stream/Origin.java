package io.rivulet.stream;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rivulet.protocol.CloudEvents;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * The record in which a client sent a prompt. Kafka counts the deliveries of a share group's record
 * whatever comes of them, and drops it after so many: a prompt that is not to be given up yet goes
 * to the end of its partition once more, under what it was first.
 *
 * @param place where it was, as {@link PromptPlace} names it: tells the prompt from another one
 *     under the same id
 * @param sent its timestamp
 * @param attempts at it, before this record
 * @param strikes that it had when this record was written
 */
record Origin(String place, Instant sent, int attempts, Strikes strikes) {

  /** Carries it, where the record is not the first. */
  static final String HEADER = "rivulet_origin";

  private static final Pattern TEXT =
      Pattern.compile("(\\S+) (\\d{1,15}) (\\d{1,9}) (\\d{1,9}) (\\d{1,9})");

  /** What a record of the prompts topic goes back to. */
  static Origin of(ConsumerRecord<byte[], byte[]> record) {
    return CloudEvents.text(record.headers(), HEADER)
        .flatMap(Origin::read)
        .orElseGet(
            () ->
                new Origin(
                    PromptPlace.of(record).toString(),
                    Instant.ofEpochMilli(record.timestamp()),
                    0,
                    new Strikes(0, 0)));
  }

  private static Optional<Origin> read(String text) {
    Matcher found = TEXT.matcher(text);
    if (!found.matches()) {
      return Optional.empty();
    }
    return Optional.of(
        new Origin(
            found.group(1),
            Instant.ofEpochMilli(Long.parseLong(found.group(2))),
            Integer.parseInt(found.group(3)),
            new Strikes(Integer.parseInt(found.group(4)), Integer.parseInt(found.group(5)))));
  }

  /** Whether the record is a later one of the same prompt. */
  boolean isOfCopy(ConsumerRecord<byte[], byte[]> record) {
    return record.headers().lastHeader(HEADER) != null && of(record).place.equals(place);
  }

  /** The prompt of this origin, delivered once more, as a new record, byte for byte the same. */
  ProducerRecord<byte[], byte[]> again(Delivery delivery, Strikes strikes) {
    ConsumerRecord<byte[], byte[]> record = delivery.record();
    var again =
        new ProducerRecord<>(record.topic(), record.partition(), record.key(), record.value());
    record.headers().forEach(again.headers()::add);
    String text =
        "%s %d %d %d %d"
            .formatted(
                place, sent.toEpochMilli(), delivery.attempt(), strikes.count(), strikes.tokens());
    again.headers().remove(HEADER).add(HEADER, text.getBytes(UTF_8));
    return again;
  }

  /** Makes the record what the client sent: whoever sends it anew sends another prompt. */
  static ProducerRecord<byte[], byte[]> forget(ProducerRecord<byte[], byte[]> record) {
    record.headers().remove(HEADER);
    return record;
  }
}
