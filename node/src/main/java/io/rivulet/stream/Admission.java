package io.rivulet.stream;

import io.rivulet.protocol.DeadLetter;
import io.rivulet.protocol.MalformedMessageException;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Begins an attempt at a delivered record, or sets the record aside as a dead letter. */
final class Admission {

  private static final Logger log = LoggerFactory.getLogger(Admission.class);

  private final NodeOptions options;
  private final int deliveryLimit;
  private final GenerationVerticle generation;
  private final PublishVerticle publisher;

  Admission(
      NodeOptions options,
      int deliveryLimit,
      GenerationVerticle generation,
      PublishVerticle publisher) {
    this.options = options;
    this.deliveryLimit = deliveryLimit;
    this.generation = generation;
    this.publisher = publisher;
  }

  /**
   * The attempt at the record, which is published in the end or fails, whatever the record is.
   *
   * @param claimedUntil as in {@link Attempt#claimUntil}
   */
  Attempt begin(ConsumerRecord<byte[], byte[]> record, long claimedUntil) {
    Prompt prompt;
    try {
      prompt = Prompt.read(record);
    } catch (MalformedMessageException e) {
      return refuse(record, claimedUntil, "read", e, Prompt.idOf(record));
    }
    if (deliveryLimit > 1 && prompt.attempt() >= deliveryLimit) {
      // Kafka would drop it in silence after this.
      var poison =
          new IllegalStateException(
              "delivered " + prompt.attempt() + " times and never finished: given up");
      return refuse(record, claimedUntil, "admit", poison, Optional.of(prompt.id()));
    }
    var attempt = new Attempt(prompt.id(), prompt.attempt(), record.headers(), claimedUntil);
    try {
      generation.begin(prompt, attempt);
    } catch (IllegalArgumentException e) {
      return refuse(record, claimedUntil, "admit", e, Optional.of(prompt.id()));
    } catch (RuntimeException e) {
      attempt.fail(e);
    }
    return attempt;
  }

  /** An attempt that is published when the dead letter, and the end where there is an id, are. */
  private Attempt refuse(
      ConsumerRecord<byte[], byte[]> record,
      long claimedUntil,
      String stage,
      Throwable error,
      Optional<String> id) {
    var attempt =
        new Attempt(id.orElse(""), Prompt.attempt(record), record.headers(), claimedUntil);
    var letter = DeadLetter.of(record, stage, error);
    log.warn(
        "refused the prompt at {}-{} offset {}: {}",
        record.topic(),
        record.partition(),
        record.offset(),
        error.getMessage());
    publisher.deadLetter(
        letter.record(record, options.topics().deadLetters()),
        failure -> {
          if (failure.isPresent()) {
            attempt.fail(failure.get());
          } else if (id.isPresent()) {
            generation.refuse(attempt, letter.message());
          } else {
            attempt.published().complete(null);
          }
        });
    return attempt;
  }
}
