package io.rivulet.stream;

import io.rivulet.protocol.TokenEvent;
import io.rivulet.protocol.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads all of a topic from its beginning, in the order of each of its partitions. */
final class TopicReader<T> implements AutoCloseable {

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final Function<ConsumerRecord<byte[], byte[]>, T> read;
  private final List<T> seen = new ArrayList<>();

  private TopicReader(
      String bootstrapServers,
      String topic,
      String isolation,
      Function<ConsumerRecord<byte[], byte[]>, T> read) {
    this.read = read;
    var bytes = new ByteArrayDeserializer();
    consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", bootstrapServers, "isolation.level", isolation),
            bytes,
            bytes);
    var partitions =
        consumer.partitionsFor(topic).stream()
            .map(info -> new TopicPartition(topic, info.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
  }

  static TopicReader<ConsumerRecord<byte[], byte[]>> records(
      String bootstrapServers, String topic) {
    return new TopicReader<>(bootstrapServers, topic, "read_uncommitted", record -> record);
  }

  static TopicReader<ConsumerRecord<byte[], byte[]>> committed(
      String bootstrapServers, String topic) {
    return new TopicReader<>(bootstrapServers, topic, "read_committed", record -> record);
  }

  static TopicReader<TokenEvent> tokens(String bootstrapServers, Topics topics) {
    return tokens(bootstrapServers, topics, "read_uncommitted");
  }

  /** Those of transactions that are committed. */
  static TopicReader<TokenEvent> committedTokens(String bootstrapServers, Topics topics) {
    return tokens(bootstrapServers, topics, "read_committed");
  }

  private static TopicReader<TokenEvent> tokens(
      String bootstrapServers, Topics topics, String isolation) {
    return new TopicReader<>(
        bootstrapServers,
        topics.tokens(),
        isolation,
        record -> TokenEvent.fromJson(record.value()));
  }

  /** Reads until all that was seen is enough. */
  List<T> until(Duration patience, Predicate<List<T>> enough) {
    long deadline = System.nanoTime() + patience.toNanos();
    while (!enough.test(seen)) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("after " + patience + " only " + seen.size() + " records came");
      }
      consumer.poll(Duration.ofMillis(200)).forEach(record -> seen.add(read.apply(record)));
    }
    return seen;
  }

  @Override
  public void close() {
    consumer.close();
  }
}
