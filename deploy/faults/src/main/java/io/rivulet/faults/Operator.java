package io.rivulet.faults;

import io.rivulet.protocol.KafkaConnection;
import io.rivulet.protocol.KafkaUnavailableException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.AbortTransactionSpec;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeProducersResult.PartitionProducerState;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.common.TopicPartition;

/**
 * Ends transactions that the broker has forgotten, as a person would with {@code
 * kafka-transactions.sh}. Brokers of Kafka 4.4 drop what ends a transaction in a partition that has
 * no leader just then, as those with one replica have while their broker comes back: it stays open,
 * and whoever reads or commits there waits for ever.
 */
final class Operator implements Runnable {

  /** Where offsets are committed. */
  static final String OFFSETS = "__consumer_offsets";

  private static final Duration PERIOD = Duration.ofSeconds(5);

  /** Three times what a transaction of a node may last until the broker ends it. */
  private static final Duration AGE = Duration.ofSeconds(30);

  private final KafkaConnection kafka;
  private final Set<String> topics;
  private final Consumer<String> report;

  /** Looks after these topics. */
  Operator(KafkaConnection kafka, Set<String> topics, Consumer<String> report) {
    this.kafka = kafka;
    this.topics = topics;
    this.report = report;
  }

  /** Goes on until it is interrupted. */
  @Override
  public void run() {
    try {
      while (true) {
        Thread.sleep(PERIOD);
        look();
      }
    } catch (InterruptedException e) {
      // All is over.
    }
  }

  private void look() throws InterruptedException {
    try (Admin admin = kafka.admin()) {
      int ended = endForgotten(admin, topics, Instant.now().minus(AGE));
      if (ended > 0) {
        report.accept("ended what the broker had forgotten: %d open transactions".formatted(ended));
      }
    } catch (KafkaUnavailableException | ExecutionException e) {
      // The broker is away, or has not the topics yet.
    }
  }

  /**
   * Aborts transactions.
   *
   * @param before of those in which nothing was written since then
   * @return how many, counted in each partition
   */
  static int endForgotten(Admin admin, Set<String> topics, Instant before)
      throws InterruptedException, ExecutionException {
    Set<TopicPartition> partitions =
        admin.describeTopics(topics).allTopicNames().get().values().stream()
            .flatMap(
                topic ->
                    topic.partitions().stream()
                        .map(each -> new TopicPartition(topic.name(), each.partition())))
            .collect(Collectors.toSet());
    int ended = 0;
    for (Map.Entry<TopicPartition, PartitionProducerState> entry :
        admin.describeProducers(partitions).all().get().entrySet()) {
      for (ProducerState producer : entry.getValue().activeProducers()) {
        if (producer.currentTransactionStartOffset().isPresent()
            && producer.lastTimestamp() < before.toEpochMilli()) {
          admin
              .abortTransaction(
                  new AbortTransactionSpec(
                      entry.getKey(),
                      producer.producerId(),
                      (short) producer.producerEpoch(),
                      producer.coordinatorEpoch().orElse(0)))
              .all()
              .get();
          ended++;
        }
      }
    }
    return ended;
  }
}
