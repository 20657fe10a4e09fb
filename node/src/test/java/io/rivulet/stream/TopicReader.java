package io.rivulet.stream;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads all of a topic from its beginning, in the order of its partitions. */
final class TopicReader implements AutoCloseable {

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final List<ConsumerRecord<byte[], byte[]>> seen = new ArrayList<>();

  TopicReader(String bootstrapServers, String topic) {
    var bytes = new ByteArrayDeserializer();
    consumer = new KafkaConsumer<>(Map.of("bootstrap.servers", bootstrapServers), bytes, bytes);
    var partitions =
        consumer.partitionsFor(topic).stream()
            .map(info -> new TopicPartition(topic, info.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
  }

  /** Reads until all that was seen is enough. */
  List<ConsumerRecord<byte[], byte[]>> until(
      Duration patience, Predicate<List<ConsumerRecord<byte[], byte[]>>> enough) {
    long deadline = System.nanoTime() + patience.toNanos();
    while (!enough.test(seen)) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("after " + patience + " only " + seen.size() + " records came");
      }
      consumer.poll(Duration.ofMillis(200)).forEach(seen::add);
    }
    return seen;
  }

  @Override
  public void close() {
    consumer.close();
  }
}
