package io.rivulet.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Sends prompts and reads their tokens. Thread-safe; the streams it gives are for one thread each.
 *
 * <p>All tokens of a request are in one partition, the one Kafka's default partitioner gives for
 * the id, so a stream reads that partition alone, from where it ended before the prompt was sent.
 */
public final class RivuletClient implements AutoCloseable {

  /**
   * How a client works.
   *
   * @param kafka how to reach Kafka
   * @param silence how long a stream waits for its next event before it gives up
   */
  public record Options(KafkaConnection kafka, Topics topics, Duration silence) {

    /** The topics of the contract, and a minute of patience. */
    public static Options of(KafkaConnection kafka) {
      return new Options(kafka, Topics.DEFAULT, Duration.ofMinutes(1));
    }
  }

  private static final Duration CLOSE = Duration.ofSeconds(5);

  private final Options options;
  private final String source = "/rivulet/clients/" + UUID.randomUUID();
  private final int tokenPartitions;
  private final KafkaProducer<byte[], byte[]> producer;

  private RivuletClient(
      Options options, int tokenPartitions, KafkaProducer<byte[], byte[]> producer) {
    this.options = options;
    this.tokenPartitions = tokenPartitions;
    this.producer = producer;
  }

  /**
   * Connects.
   *
   * @throws KafkaUnavailableException when Kafka does not answer, or has not the topics
   */
  public static RivuletClient connect(Options options) {
    Admin admin = options.kafka().admin();
    try {
      return new RivuletClient(options, partitions(admin, options), producer(options.kafka()));
    } finally {
      KafkaConnection.closeUninterrupted(admin);
    }
  }

  private static int partitions(Admin admin, Options options) {
    Topics topics = options.topics();
    String servers = options.kafka().bootstrapServers();
    try {
      var names = List.of(topics.prompts(), topics.tokens());
      return admin
          .describeTopics(names)
          .allTopicNames()
          .get(options.kafka().timeout().toMillis(), TimeUnit.MILLISECONDS)
          .get(topics.tokens())
          .partitions()
          .size();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UnknownTopicOrPartitionException) {
        throw new KafkaUnavailableException(
            "Kafka at "
                + servers
                + " has no topics "
                + topics.prompts()
                + " and "
                + topics.tokens()
                + ": start a node there, which creates them",
            e);
      }
      throw new KafkaUnavailableException(
          "Kafka at " + servers + " did not describe its topics: " + e.getCause().getMessage(), e);
    } catch (TimeoutException e) {
      throw new KafkaUnavailableException(
          "Kafka at " + servers + " did not describe its topics in time", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KafkaUnavailableException("interrupted while connecting to " + servers, e);
    }
  }

  private static KafkaProducer<byte[], byte[]> producer(KafkaConnection kafka) {
    var bytes = new ByteArraySerializer();
    return new KafkaProducer<>(
        kafka.producer(
            Map.of("linger.ms", 0, "max.block.ms", kafka.timeout().toMillis()),
            Map.of("acks", "all", "enable.idempotence", true)),
        bytes,
        bytes);
  }

  /**
   * Sends a prompt and reads its tokens from the first on. A request without an id gets one.
   *
   * @throws KafkaUnavailableException when the prompt could not be sent
   */
  public TokenStream submit(GenerationRequest request) {
    GenerationRequest named = named(request);
    String id = named.id().orElseThrow();
    var partition = new TopicPartition(options.topics().tokens(), partitionOf(id, tokenPartitions));
    var bytes = new ByteArrayDeserializer();
    var consumer =
        new KafkaConsumer<>(
            options
                .kafka()
                .consumer(
                    Map.of("fetch.max.wait.ms", 100),
                    Map.of("enable.auto.commit", false, "auto.offset.reset", "earliest")),
            bytes,
            bytes);
    var stream = new TokenStream(id, consumer, options.silence());
    try {
      consumer.assign(List.of(partition));
      consumer.seekToEnd(List.of(partition));
      // Seeking is lazy: asking for the position fixes it before the prompt is on its way.
      consumer.position(partition, options.kafka().timeout());
      stream.sending();
      send(named);
      return stream;
    } catch (KafkaException e) {
      stream.close();
      throw notSent(e);
    } catch (RuntimeException e) {
      stream.close();
      throw e;
    }
  }

  /**
   * Sends a prompt and returns its id, once Kafka has it.
   *
   * @throws KafkaUnavailableException when the prompt could not be sent
   */
  public String send(GenerationRequest request) {
    GenerationRequest named = named(request);
    String id = named.id().orElseThrow();
    var record =
        new ProducerRecord<>(options.topics().prompts(), id.getBytes(UTF_8), named.toJson());
    CloudEvents.add(record.headers(), MessageType.GENERATION_REQUEST, source, id, Instant.now());
    try {
      producer.send(record).get();
      return id;
    } catch (ExecutionException e) {
      throw notSent(e.getCause());
    } catch (InterruptException e) {
      throw notSent(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw notSent(e);
    }
  }

  private KafkaUnavailableException notSent(Throwable cause) {
    return new KafkaUnavailableException(
        "the prompt was not sent to Kafka at "
            + options.kafka().bootstrapServers()
            + ": "
            + cause.getMessage(),
        cause);
  }

  private static GenerationRequest named(GenerationRequest request) {
    return request.id().isPresent() ? request : request.withId(UUID.randomUUID().toString());
  }

  /** The partition of a request's tokens: what Kafka's default partitioner gives for the id. */
  public static int partitionOf(String id, int partitions) {
    return BuiltInPartitioner.partitionForKey(id.getBytes(UTF_8), partitions);
  }

  @Override
  public void close() {
    KafkaConnection.closeUninterrupted(() -> producer.close(CLOSE));
  }
}
