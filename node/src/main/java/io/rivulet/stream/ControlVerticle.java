package io.rivulet.stream;

import io.rivulet.protocol.Cancel;
import io.rivulet.protocol.KafkaConnection;
import io.rivulet.protocol.MalformedMessageException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads all of the control topic: every node hears every cancel, since it may concern a prompt that
 * no node has taken yet. The node takes prompts only when it knows the cancels before its start.
 */
final class ControlVerticle extends VerticleBase {

  private static final Logger log = LoggerFactory.getLogger(ControlVerticle.class);
  private static final Duration POLL = Duration.ofSeconds(1);
  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(1);

  private final NodeOptions options;
  private final KafkaClients clients;
  private final Cancels cancels;
  private final Runnable heard;
  private final Promise<Void> ended = Promise.promise();
  private KafkaConsumer<byte[], byte[]> consumer;
  private volatile boolean stopping;

  ControlVerticle(NodeOptions options, KafkaClients clients, Cancels cancels, Runnable heard) {
    this.options = options;
    this.clients = clients;
    this.heard = heard;
    this.cancels = cancels;
  }

  @Override
  public Future<?> start() {
    consumer = open();
    Map<TopicPartition, Long> ends = seek();
    while (ends.entrySet().stream()
        .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
      consumer.poll(POLL).forEach(this::read);
    }
    Thread.ofVirtual().name("control").start(this::follow);
    return Future.succeededFuture();
  }

  @Override
  public Future<?> stop() {
    stopping = true;
    consumer.wakeup();
    return ended.future();
  }

  private KafkaConsumer<byte[], byte[]> open() {
    return clients.consumer(
        Map.of("client.id", options.nodeId() + "-control"),
        Map.of(
            "enable.auto.commit",
            false,
            "auto.offset.reset",
            "earliest",
            "isolation.level",
            "read_committed"));
  }

  /** Goes back to the first cancel that can still matter, and returns where the topic ends. */
  private Map<TopicPartition, Long> seek() {
    var partitions =
        consumer.partitionsFor(options.topics().control()).stream()
            .map(info -> new TopicPartition(info.topic(), info.partition()))
            .toList();
    consumer.assign(partitions);
    long since = Instant.now().minus(TopicSetup.CANCELS_KEPT).toEpochMilli();
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
    consumer
        .offsetsForTimes(partitions.stream().collect(Collectors.toMap(each -> each, each -> since)))
        .forEach(
            (partition, first) ->
                consumer.seek(partition, first == null ? ends.get(partition) : first.offset()));
    return ends;
  }

  private void follow() {
    try {
      while (!stopping) {
        try {
          consumer.poll(POLL).forEach(this::read);
        } catch (WakeupException e) {
          log.debug("stopping");
        } catch (KafkaException e) {
          log.warn("cancels are not heard for now: {}", e.getMessage());
          Thread.sleep(PAUSE_AFTER_FAILURE);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      KafkaConnection.closeUninterrupted(consumer);
      ended.complete();
    }
  }

  private void read(ConsumerRecord<byte[], byte[]> record) {
    if (record.value() == null) {
      return;
    }
    try {
      String id = Cancel.fromJson(record.value()).id();
      heard.run();
      cancels.cancel(id, Instant.ofEpochMilli(record.timestamp()));
    } catch (MalformedMessageException e) {
      log.warn("passed over a record of {}: {}", record.topic(), e.getMessage());
    }
  }
}
