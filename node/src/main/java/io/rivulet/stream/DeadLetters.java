package io.rivulet.stream;

import io.rivulet.metrics.IntakeMetrics;
import io.rivulet.protocol.KafkaConnection;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes dead letters, with a producer of its own: a letter that Kafka refuses must not disturb the
 * tokens of others. So it does with prompts that are to be delivered anew. A letter is tried again,
 * after a longer pause each time, for as long as the prompt is the node's: handing the prompt on
 * would have every node fail at it, and in the end Kafka drop it. Thread-safe.
 */
final class DeadLetters implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(DeadLetters.class);

  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  private static final int MOST_DOUBLINGS = 6;
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration CLOSE = Duration.ofSeconds(5);

  private final NodeOptions options;
  private final KafkaClients clients;
  private final IntakeMetrics metrics;
  private final Trouble trouble = new Trouble();

  /** Hands letters to Kafka as they come; each is then waited for on a thread of its own. */
  private final ExecutorService order =
      Executors.newSingleThreadExecutor(Thread.ofVirtual().name("dead-letters").factory());

  private KafkaProducer<byte[], byte[]> producer;
  private boolean closed;

  DeadLetters(NodeOptions options, KafkaClients clients, IntakeMetrics metrics) {
    this.options = options;
    this.clients = clients;
    this.metrics = metrics;
  }

  /** Does the next step when Kafka has the letter; never where the attempt is given up before. */
  void write(Attempt attempt, ProducerRecord<byte[], byte[]> letter, Runnable then) {
    writeInOrder(
        attempt,
        letter,
        () -> {
          metrics.deadLetter();
          then.run();
        });
  }

  /** Does the same with a prompt that is sent once more instead of being set aside. */
  void sendAgain(Attempt attempt, ProducerRecord<byte[], byte[]> prompt, Runnable then) {
    writeInOrder(attempt, prompt, then);
  }

  private void writeInOrder(Attempt attempt, ProducerRecord<byte[], byte[]> letter, Runnable then) {
    order.execute(
        () -> {
          Future<RecordMetadata> first = send(letter);
          Thread.ofVirtual()
              .name("dead letter of " + attempt.place())
              .start(() -> writeUntilTaken(attempt, letter, first, then));
        });
  }

  private Future<RecordMetadata> send(ProducerRecord<byte[], byte[]> letter) {
    try {
      return producer().send(letter);
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private void writeUntilTaken(
      Attempt attempt,
      ProducerRecord<byte[], byte[]> letter,
      Future<RecordMetadata> first,
      Runnable then) {
    Future<RecordMetadata> sent = first;
    for (int failures = 0; !attempt.abandoned(); failures++) {
      try {
        var _ = sent.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        trouble.end();
        then.run();
        return;
      } catch (ExecutionException e) {
        failed(attempt, letter, e.getCause());
      } catch (TimeoutException | RuntimeException e) {
        failed(attempt, letter, e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
      // An attempt that is given up meanwhile needs no letter any more.
      attempt.awaitSettled(FIRST_PAUSE.multipliedBy(1L << Math.min(failures, MOST_DOUBLINGS)));
      if (!attempt.abandoned()) {
        sent = send(letter);
      }
    }
  }

  private void failed(Attempt attempt, ProducerRecord<byte[], byte[]> letter, Throwable cause) {
    trouble.begin(cause);
    metrics.deadLetterFailed();
    log.error(
        "the prompt at {} cannot be written to {}, which is tried again: {}",
        attempt.place(),
        letter.topic(),
        cause.toString());
  }

  private synchronized KafkaProducer<byte[], byte[]> producer() {
    if (closed) {
      throw new IllegalStateException("the node closes");
    }
    if (producer == null) {
      producer =
          clients.producer(
              Map.of(
                  "client.id", options.nodeId() + "-dead-letters",
                  "linger.ms", 0,
                  "max.request.size", 8 << 20,
                  "max.block.ms", 10_000,
                  "request.timeout.ms", 5_000,
                  "delivery.timeout.ms", 10_000),
              Map.of("acks", "all", "enable.idempotence", true));
    }
    return producer;
  }

  /** Whether Kafka took the last letter, where there was one. */
  HealthReport.Check check() {
    return trouble.check("dead_letters", "none waits to be written");
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (producer != null) {
      KafkaConnection.closeUninterrupted(() -> producer.close(CLOSE));
    }
  }
}
