package io.rivulet.stream;

import io.rivulet.protocol.KafkaConnection;
import io.rivulet.protocol.KafkaUnavailableException;
import io.rivulet.protocol.RivuletClient;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Reads back what earlier attempts published for a prompt: the tokens partition of its id, from the
 * time at which the prompt was sent. Thread-safe.
 */
final class PublishedAnswers {

  /** How far the clock of who sent the prompt may be ahead of that of who answered. */
  private static final Duration CLOCK_SKEW = Duration.ofMinutes(1);

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** How long what is known to be there may take to become visible. */
  private static final Duration COMMIT = Duration.ofSeconds(5);

  private static final Duration POLL = Duration.ofMillis(100);

  private final NodeOptions options;
  private final boolean transactions;
  private final Runnable ownSends;

  /**
   * Answers of a group's nodes.
   *
   * @param transactions whether they publish in transactions, of which those count that are
   *     committed
   * @param ownSends waits for what this node has sent: an earlier attempt may have been its own
   */
  PublishedAnswers(NodeOptions options, boolean transactions, Runnable ownSends) {
    this.options = options;
    this.transactions = transactions;
    this.ownSends = ownSends;
  }

  /**
   * What is published for the attempt's prompt.
   *
   * @throws KafkaUnavailableException when it cannot be read in time
   */
  PublishedAnswer find(Attempt attempt, Delivery delivery) {
    KafkaConsumer<byte[], byte[]> consumer = open();
    try {
      int partitions = consumer.partitionsFor(options.topics().tokens()).size();
      var partition =
          new TopicPartition(
              options.topics().tokens(), RivuletClient.partitionOf(attempt.id(), partitions));
      consumer.assign(List.of(partition));
      long sent = attempt.origin().sent().minus(CLOCK_SKEW).toEpochMilli();
      var answer = new AnswerReader(attempt);
      switch (delivery.earlier()) {
        case Earlier.Nothing() -> {}
        case Earlier.Something() -> {
          ownSends.run();
          long end = consumer.endOffsets(List.of(partition)).get(partition);
          seek(consumer, partition, sent);
          readTo(end, consumer, partition, attempt, answer::read);
        }
        case Earlier.Tokens(int count) -> {
          seek(consumer, partition, sent);
          if (!readUntil(count, COMMIT, consumer, answer)) {
            // The clocks are further apart than expected.
            consumer.seekToBeginning(List.of(partition));
            if (!readUntil(count, PATIENCE, consumer, answer)) {
              throw late(attempt);
            }
          }
        }
      }
      return answer.answer();
    } finally {
      KafkaConnection.closeUninterrupted(consumer);
    }
  }

  /**
   * Whether the attempt's prompt was sent again already, by an attempt whose acknowledgement Kafka
   * did not get.
   *
   * @throws KafkaUnavailableException when that cannot be read in time
   */
  boolean sentAgain(Attempt attempt) {
    KafkaConsumer<byte[], byte[]> consumer = open();
    try {
      TopicPartition partition = attempt.place().topicPartition();
      consumer.assign(List.of(partition));
      long end = consumer.endOffsets(List.of(partition)).get(partition);
      consumer.seek(partition, attempt.place().offset() + 1);
      var found = new AtomicBoolean();
      readTo(
          end,
          consumer,
          partition,
          attempt,
          record -> {
            if (attempt.origin().isOfCopy(record)) {
              found.set(true);
            }
          });
      return found.get();
    } finally {
      KafkaConnection.closeUninterrupted(consumer);
    }
  }

  private KafkaConsumer<byte[], byte[]> open() {
    // Its metrics are not shown: it is gone before anybody would look.
    var bytes = new ByteArrayDeserializer();
    KafkaConnection kafka = options.kafka();
    return kafka.open(
        () ->
            new KafkaConsumer<>(
                kafka.consumer(
                    Map.of("client.id", options.nodeId() + "-answers"),
                    Map.of(
                        "enable.auto.commit",
                        false,
                        "auto.offset.reset",
                        "earliest",
                        "isolation.level",
                        transactions ? "read_committed" : "read_uncommitted")),
                bytes,
                bytes));
  }

  private static void seek(
      KafkaConsumer<byte[], byte[]> consumer, TopicPartition partition, long time) {
    var first = consumer.offsetsForTimes(Map.of(partition, Math.max(0, time))).get(partition);
    if (first == null) {
      consumer.seekToEnd(List.of(partition));
    } else {
      consumer.seek(partition, first.offset());
    }
  }

  private static void readTo(
      long end,
      KafkaConsumer<byte[], byte[]> consumer,
      TopicPartition partition,
      Attempt attempt,
      Consumer<ConsumerRecord<byte[], byte[]>> reader) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (consumer.position(partition) < end) {
      if (System.nanoTime() - deadline > 0) {
        throw late(attempt);
      }
      consumer.poll(POLL).forEach(reader);
    }
  }

  /** Whether so many tokens came in time. */
  private static boolean readUntil(
      int tokens, Duration time, KafkaConsumer<byte[], byte[]> consumer, AnswerReader answer) {
    long deadline = System.nanoTime() + time.toNanos();
    while (answer.tokens() < tokens && System.nanoTime() - deadline < 0) {
      consumer.poll(POLL).forEach(answer::read);
    }
    return answer.tokens() >= tokens;
  }

  private static KafkaUnavailableException late(Attempt attempt) {
    return new KafkaUnavailableException(
        "what is published of request " + attempt.id() + " could not be read in time");
  }
}
