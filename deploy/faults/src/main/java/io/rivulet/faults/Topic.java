package io.rivulet.faults;

import io.rivulet.protocol.KafkaConnection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads all of some topics from their beginning, what is committed alone. For one thread. */
final class Topic implements AutoCloseable {

  private static final Duration POLL = Duration.ofMillis(200);

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final List<TopicPartition> partitions;

  Topic(KafkaConnection kafka, String... names) {
    var bytes = new ByteArrayDeserializer();
    consumer =
        new KafkaConsumer<>(
            kafka.consumer(
                Map.of(), Map.of("enable.auto.commit", false, "isolation.level", "read_committed")),
            bytes,
            bytes);
    partitions =
        List.of(names).stream()
            .flatMap(name -> consumer.partitionsFor(name).stream())
            .map(info -> new TopicPartition(info.topic(), info.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
  }

  /** Reads what is there, or waits for a moment. */
  void poll(Consumer<ConsumerRecord<byte[], byte[]>> reader) {
    consumer.poll(POLL).forEach(reader);
  }

  /** Reads to where the topics end now. */
  void toTheEnd(Consumer<ConsumerRecord<byte[], byte[]>> reader) {
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
    while (ends.entrySet().stream()
        .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
      poll(reader);
    }
  }

  @Override
  public void close() {
    consumer.close();
  }
}
