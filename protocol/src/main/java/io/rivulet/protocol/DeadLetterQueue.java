package io.rivulet.protocol;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * The dead letters of a Kafka, to be looked at and sent again. A letter stays in its topic when it
 * is sent again, until the topic's retention takes it. For one thread.
 */
public final class DeadLetterQueue {

  private static final Duration POLL = Duration.ofSeconds(1);

  private final KafkaConnection kafka;
  private final Topics topics;

  /** The letters of these topics; connects to nothing yet. */
  public DeadLetterQueue(KafkaConnection kafka, Topics topics) {
    this.kafka = kafka;
    this.topics = topics;
  }

  /**
   * Reads all letters that are there now, those of a partition in order.
   *
   * @throws KafkaUnavailableException when Kafka does not answer or has not the topic
   */
  public void forEach(Consumer<? super StoredLetter> reader) {
    KafkaConnection.closeUninterrupted(kafka.admin());
    var bytes = new ByteArrayDeserializer();
    try (var consumer =
        new KafkaConsumer<>(
            kafka.consumer(
                Map.of("isolation.level", "read_committed"),
                Map.of("enable.auto.commit", false, "auto.offset.reset", "earliest")),
            bytes,
            bytes)) {
      read(consumer, reader);
    } catch (KafkaException e) {
      throw new KafkaUnavailableException(
          "the dead letters at " + kafka.bootstrapServers() + " cannot be read: " + e.getMessage(),
          e);
    }
  }

  private void read(KafkaConsumer<byte[], byte[]> consumer, Consumer<? super StoredLetter> reader) {
    List<TopicPartition> partitions = partitions(consumer);
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions, kafka.timeout());
    while (partitions.stream().anyMatch(each -> consumer.position(each) < ends.get(each))) {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
        var partition = new TopicPartition(record.topic(), record.partition());
        if (record.offset() < ends.get(partition)) {
          reader.accept(new StoredLetter(record));
        }
      }
    }
  }

  private List<TopicPartition> partitions(KafkaConsumer<byte[], byte[]> consumer) {
    var partitions = consumer.partitionsFor(topics.deadLetters(), kafka.timeout());
    if (partitions.isEmpty()) {
      throw new KafkaUnavailableException(
          "Kafka at "
              + kafka.bootstrapServers()
              + " has no topic "
              + topics.deadLetters()
              + ": check the topic prefix");
    }
    return partitions.stream()
        .map(info -> new TopicPartition(info.topic(), info.partition()))
        .collect(Collectors.toList());
  }

  /**
   * Sends the letters chosen to the prompts topic: key, value and headers as they first came.
   *
   * @param each is told of every letter that Kafka has taken
   * @throws KafkaUnavailableException when one could not be sent; those before it were
   */
  public void replay(Predicate<? super StoredLetter> chosen, Consumer<? super StoredLetter> each) {
    var bytes = new ByteArraySerializer();
    Map<String, Object> configuration =
        kafka.producer(
            Map.of("max.block.ms", kafka.timeout().toMillis()),
            Map.of("acks", "all", "enable.idempotence", true));
    try (var producer = new KafkaProducer<>(configuration, bytes, bytes)) {
      forEach(
          letter -> {
            if (chosen.test(letter)) {
              send(producer, letter);
              each.accept(letter);
            }
          });
    }
  }

  private void send(KafkaProducer<byte[], byte[]> producer, StoredLetter letter) {
    ConsumerRecord<byte[], byte[]> record = letter.record();
    var headers = new RecordHeaders(record.headers());
    DeadLetter.HEADERS.forEach(headers::remove);
    try {
      producer
          .send(new ProducerRecord<>(topics.prompts(), null, record.key(), record.value(), headers))
          .get();
    } catch (ExecutionException e) {
      throw notSent(letter, e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw notSent(letter, e);
    }
  }

  private KafkaUnavailableException notSent(StoredLetter letter, Throwable cause) {
    return new KafkaUnavailableException(
        "the dead letter "
            + letter.place()
            + " was not sent to "
            + topics.prompts()
            + " at "
            + kafka.bootstrapServers()
            + ": "
            + cause.getMessage(),
        cause);
  }
}
