package io.rivulet.protocol;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads what nodes report, from some time ago and then as it comes. For one thread. */
public final class TelemetryReader implements AutoCloseable {

  /**
   * A report.
   *
   * @param at when it came; of those that were there before the reader, when they were sent, by the
   *     clock of who sent them
   */
  public record Received(TelemetryEvent event, Instant at) {}

  private final KafkaConnection kafka;
  private final KafkaConsumer<byte[], byte[]> consumer;

  /** Where the records begin that came after the reader. */
  private final Map<TopicPartition, Long> ends = new HashMap<>();

  private TelemetryReader(KafkaConnection kafka, KafkaConsumer<byte[], byte[]> consumer) {
    this.kafka = kafka;
    this.consumer = consumer;
  }

  /**
   * Connects.
   *
   * @param past from how long ago on reports are read
   * @throws KafkaUnavailableException when Kafka does not answer, or has not the topic
   */
  public static TelemetryReader open(KafkaConnection kafka, Topics topics, Duration past) {
    KafkaConnection.closeUninterrupted(kafka.admin());
    var bytes = new ByteArrayDeserializer();
    var reader =
        new TelemetryReader(
            kafka,
            new KafkaConsumer<>(
                kafka.consumer(
                    Map.of("fetch.max.wait.ms", 100),
                    Map.of("enable.auto.commit", false, "auto.offset.reset", "latest")),
                bytes,
                bytes));
    boolean placed = false;
    try {
      reader.place(topics, Instant.now().minus(past));
      placed = true;
      return reader;
    } catch (KafkaException e) {
      throw reader.unreadable(e);
    } finally {
      if (!placed) {
        reader.close();
      }
    }
  }

  private void place(Topics topics, Instant since) {
    var partitions = partitions(topics);
    consumer.assign(partitions);
    ends.putAll(consumer.endOffsets(partitions, kafka.timeout()));
    var times =
        partitions.stream()
            .collect(Collectors.toMap(partition -> partition, any -> since.toEpochMilli()));
    consumer
        .offsetsForTimes(times, kafka.timeout())
        .forEach(
            (partition, found) ->
                consumer.seek(partition, found == null ? ends.get(partition) : found.offset()));
  }

  private List<TopicPartition> partitions(Topics topics) {
    var partitions = consumer.partitionsFor(topics.telemetry(), kafka.timeout());
    if (partitions.isEmpty()) {
      throw new KafkaUnavailableException(
          "Kafka at "
              + kafka.bootstrapServers()
              + " has no topic "
              + topics.telemetry()
              + ": start a node first, or check the topic prefix");
    }
    return partitions.stream()
        .map(info -> new TopicPartition(info.topic(), info.partition()))
        .toList();
  }

  /**
   * The reports that come in that time, or earlier those that are there; what is no report is
   * passed over.
   *
   * @throws KafkaUnavailableException when the topic cannot be read any more
   */
  public List<Received> poll(Duration patience) {
    var received = new ArrayList<Received>();
    try {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(patience)) {
        read(record, received);
      }
    } catch (KafkaException e) {
      throw unreadable(e);
    }
    return received;
  }

  /** Whether all that was there before the reader is read. */
  public boolean caughtUp() {
    return ends.entrySet().stream()
        .allMatch(end -> consumer.position(end.getKey(), kafka.timeout()) >= end.getValue());
  }

  private void read(ConsumerRecord<byte[], byte[]> record, List<Received> received) {
    String type = CloudEvents.text(record.headers(), CloudEvents.TYPE).orElse("");
    if (record.value() == null) {
      return;
    }
    try {
      received.add(new Received(TelemetryEvent.fromJson(type, record.value()), at(record)));
    } catch (MalformedMessageException e) {
      // Of another hand, or of a later version: nothing that can be shown.
    }
  }

  private Instant at(ConsumerRecord<byte[], byte[]> record) {
    Instant now = Instant.now();
    long end = ends.get(new TopicPartition(record.topic(), record.partition()));
    Instant sent = Instant.ofEpochMilli(record.timestamp());
    return record.offset() < end && sent.isBefore(now) ? sent : now;
  }

  private KafkaUnavailableException unreadable(KafkaException failure) {
    return new KafkaUnavailableException(
        "the telemetry at " + kafka.bootstrapServers() + " cannot be read: " + failure.getMessage(),
        failure);
  }

  @Override
  public void close() {
    KafkaConnection.closeUninterrupted(consumer);
  }
}
