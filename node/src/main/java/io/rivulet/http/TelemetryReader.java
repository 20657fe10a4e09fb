package io.rivulet.http;

import io.rivulet.protocol.CloudEvents;
import io.rivulet.protocol.KafkaConnection;
import io.rivulet.protocol.MalformedMessageException;
import io.rivulet.protocol.TelemetryEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the telemetry topic for all browsers, from some minutes ago on. What goes wrong with Kafka
 * passes: it tries again for as long as it runs.
 */
final class TelemetryReader implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(TelemetryReader.class);
  private static final Duration POLL = Duration.ofSeconds(1);
  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(1);

  /** A report of more layers than any model has is well below. */
  private static final int LARGEST = 1 << 18;

  private final KafkaConnection kafka;
  private final String topic;
  private final Duration since;
  private final Consumer<List<TelemetryEvent>> sink;
  private final AtomicReference<Optional<KafkaConsumer<byte[], byte[]>>> current =
      new AtomicReference<>(Optional.empty());
  private final Thread thread = Thread.ofVirtual().name("telemetry-reader").unstarted(this::run);
  private final CountDownLatch stopping = new CountDownLatch(1);
  private boolean failed;

  private TelemetryReader(
      KafkaConnection kafka, String topic, Duration since, Consumer<List<TelemetryEvent>> sink) {
    this.kafka = kafka;
    this.topic = topic;
    this.since = since;
    this.sink = sink;
  }

  /**
   * Starts to read.
   *
   * @param since how long ago the first reports are
   * @param sink is given what came, on the reader's thread
   */
  static TelemetryReader start(
      KafkaConnection kafka, String topic, Duration since, Consumer<List<TelemetryEvent>> sink) {
    var reader = new TelemetryReader(kafka, topic, since, sink);
    reader.thread.start();
    return reader;
  }

  private void run() {
    try {
      do {
        try (KafkaConsumer<byte[], byte[]> consumer = open()) {
          current.set(Optional.of(consumer));
          seek(consumer);
          while (stopping.getCount() > 0) {
            read(consumer);
          }
        } catch (WakeupException e) {
          log.debug("stopping");
        } catch (KafkaException e) {
          complain(e);
        }
        current.set(Optional.empty());
      } while (!stopping.await(PAUSE_AFTER_FAILURE.toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private KafkaConsumer<byte[], byte[]> open() {
    var bytes = new ByteArrayDeserializer();
    return new KafkaConsumer<>(
        kafka.consumer(
            Map.of("default.api.timeout.ms", 10_000),
            Map.of(
                "enable.auto.commit", false,
                "allow.auto.create.topics", false,
                "auto.offset.reset", "latest")),
        bytes,
        bytes);
  }

  private void seek(KafkaConsumer<byte[], byte[]> consumer) {
    List<TopicPartition> partitions =
        consumer.partitionsFor(topic).stream()
            .map(info -> new TopicPartition(info.topic(), info.partition()))
            .toList();
    if (partitions.isEmpty()) {
      throw new KafkaException("there is no topic " + topic + " yet");
    }
    consumer.assign(partitions);
    long time = Instant.now().minus(since).toEpochMilli();
    consumer
        .offsetsForTimes(partitions.stream().collect(Collectors.toMap(each -> each, each -> time)))
        .forEach(
            (partition, first) -> {
              if (first == null) {
                consumer.seekToEnd(List.of(partition));
              } else {
                consumer.seek(partition, first.offset());
              }
            });
  }

  private void read(KafkaConsumer<byte[], byte[]> consumer) {
    var reports = new ArrayList<TelemetryEvent>();
    consumer.poll(POLL).forEach(record -> report(record).ifPresent(reports::add));
    failed = false;
    if (!reports.isEmpty()) {
      sink.accept(reports);
    }
  }

  private Optional<TelemetryEvent> report(ConsumerRecord<byte[], byte[]> record) {
    if (record.value() == null || record.value().length > LARGEST) {
      return Optional.empty();
    }
    try {
      return CloudEvents.text(record.headers(), CloudEvents.TYPE)
          .map(type -> TelemetryEvent.fromJson(type, record.value()));
    } catch (MalformedMessageException e) {
      log.debug(
          "record {} of {} is no report: {}", record.offset(), record.topic(), e.getMessage());
      return Optional.empty();
    }
  }

  private void complain(KafkaException e) {
    if (!failed) {
      failed = true;
      log.warn("the page gets no telemetry for now: {}", e.getMessage());
    }
  }

  @Override
  public void close() {
    stopping.countDown();
    current.get().ifPresent(KafkaConsumer::wakeup);
  }
}
