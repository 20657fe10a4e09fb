package io.rivulet.protocol;

import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;

/**
 * Why a record was set aside. A dead letter has the record's key, value and headers byte for byte
 * and these headers besides.
 *
 * @param topic where the record was
 * @param stage what refused it: {@code read} (the request could not be understood) or {@code admit}
 *     (it was understood and cannot be served)
 * @param exception the class of the error
 * @param message the reason in one line
 */
public record DeadLetter(
    String topic, int partition, long offset, String stage, String exception, String message) {

  public static final String TOPIC = "rivulet_error_topic";
  public static final String PARTITION = "rivulet_error_partition";
  public static final String OFFSET = "rivulet_error_offset";
  public static final String STAGE = "rivulet_error_stage";
  public static final String CLASS = "rivulet_error_class";
  public static final String MESSAGE = "rivulet_error_message";

  /** The names of the headers that a dead letter has besides its own. */
  public static final List<String> HEADERS =
      List.of(TOPIC, PARTITION, OFFSET, STAGE, CLASS, MESSAGE);

  /** The dead letter of a record that the stage refused with the error. */
  public static DeadLetter of(ConsumerRecord<?, ?> record, String stage, Throwable error) {
    return new DeadLetter(
        record.topic(),
        record.partition(),
        record.offset(),
        stage,
        error.getClass().getName(),
        String.valueOf(error.getMessage()));
  }

  /** The record to send to the dead-letter topic. */
  public ProducerRecord<byte[], byte[]> record(
      ConsumerRecord<byte[], byte[]> refused, String deadLetterTopic) {
    var letter =
        new ProducerRecord<>(
            deadLetterTopic, null, refused.key(), refused.value(), refused.headers());
    Headers headers = letter.headers();
    CloudEvents.add(headers, TOPIC, topic);
    CloudEvents.add(headers, PARTITION, String.valueOf(partition));
    CloudEvents.add(headers, OFFSET, String.valueOf(offset));
    CloudEvents.add(headers, STAGE, stage);
    CloudEvents.add(headers, CLASS, exception);
    CloudEvents.add(headers, MESSAGE, message);
    return letter;
  }

  /** What the headers say; absent where one of them is missing or not what it should be. */
  public static Optional<DeadLetter> read(Headers headers) {
    try {
      return Optional.of(
          new DeadLetter(
              CloudEvents.text(headers, TOPIC).orElseThrow(),
              Integer.parseInt(CloudEvents.text(headers, PARTITION).orElseThrow()),
              Long.parseLong(CloudEvents.text(headers, OFFSET).orElseThrow()),
              CloudEvents.text(headers, STAGE).orElseThrow(),
              CloudEvents.text(headers, CLASS).orElseThrow(),
              CloudEvents.text(headers, MESSAGE).orElseThrow()));
    } catch (NoSuchElementException | NumberFormatException e) {
      return Optional.empty();
    }
  }
}
