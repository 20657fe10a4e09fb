package io.rivulet.stream;

import io.rivulet.metrics.KafkaBinders;
import io.rivulet.protocol.KafkaConnection;
import io.rivulet.protocol.KafkaUnavailableException;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Makes a node's clients of Kafka, whose metrics are shown until they are closed. A client that
 * cannot be made is a {@link KafkaUnavailableException}, which shows no secrets. Thread-safe.
 */
final class KafkaClients {

  private final KafkaConnection kafka;
  private final KafkaBinders metrics;

  KafkaClients(KafkaConnection kafka, KafkaBinders metrics) {
    this.kafka = kafka;
    this.metrics = metrics;
  }

  /** A producer; the maps are as in {@link KafkaConnection#producer}. */
  KafkaProducer<byte[], byte[]> producer(Map<String, ?> defaults, Map<String, ?> required) {
    return kafka.open(() -> new Producer(kafka.producer(defaults, required), metrics));
  }

  /** A consumer; the maps are as in {@link KafkaConnection#consumer}. */
  KafkaConsumer<byte[], byte[]> consumer(Map<String, ?> defaults, Map<String, ?> required) {
    return kafka.open(() -> new Consumer(kafka.consumer(defaults, required), metrics));
  }

  /** A share consumer; the maps are as in {@link KafkaConnection#consumer}. */
  KafkaShareConsumer<byte[], byte[]> shareConsumer(
      Map<String, ?> defaults, Map<String, ?> required) {
    return kafka.open(() -> new ShareConsumer(kafka.consumer(defaults, required), metrics));
  }

  private static final class Producer extends KafkaProducer<byte[], byte[]> {

    private final AutoCloseable shown;

    Producer(Map<String, Object> configuration, KafkaBinders metrics) {
      super(configuration, new ByteArraySerializer(), new ByteArraySerializer());
      shown = metrics.bind(this);
    }

    @Override
    public void close(Duration timeout) {
      KafkaConnection.closeUninterrupted(shown);
      super.close(timeout);
    }
  }

  private static final class Consumer extends KafkaConsumer<byte[], byte[]> {

    private final AutoCloseable shown;

    Consumer(Map<String, Object> configuration, KafkaBinders metrics) {
      super(configuration, new ByteArrayDeserializer(), new ByteArrayDeserializer());
      shown = metrics.bind(this);
    }

    @Override
    public void close() {
      KafkaConnection.closeUninterrupted(shown);
      super.close();
    }

    @Override
    public void close(CloseOptions options) {
      KafkaConnection.closeUninterrupted(shown);
      super.close(options);
    }
  }

  private static final class ShareConsumer extends KafkaShareConsumer<byte[], byte[]> {

    private final AutoCloseable shown;

    ShareConsumer(Map<String, Object> configuration, KafkaBinders metrics) {
      super(configuration, new ByteArrayDeserializer(), new ByteArrayDeserializer());
      shown = metrics.bind(this);
    }

    @Override
    public void close(Duration timeout) {
      KafkaConnection.closeUninterrupted(shown);
      super.close(timeout);
    }
  }
}
