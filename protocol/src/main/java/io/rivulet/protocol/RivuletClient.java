package io.rivulet.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends prompts and reads their tokens. Thread-safe; the streams it gives are for one reader each.
 *
 * <p>Example: a story printed as it comes, one by callback, one cancelled, and one read on after a
 * restart.
 *
 * {@snippet file="io/rivulet/stream/ClientExample.java" region="example"}
 *
 * <p>All tokens of a request are in one partition, the one Kafka's default partitioner gives for
 * the id. One consumer reads the partitions of all requests that are open, from where they ended
 * before the prompt was sent; a second one those that are {@link #resume resumed}.
 *
 * <p>Every token comes once, whatever nodes died: repetitions of an index are left out, and a
 * missing or contradictory one ends the stream with {@link TokenStreamException}.
 */
public final class RivuletClient implements AutoCloseable {

  /**
   * How a client works.
   *
   * @param kafka how to reach Kafka
   * @param silence how long a stream waits for its next event before it gives up, and {@link
   *     #submit} for another stream to end
   * @param maxInFlight how many streams of {@link #submit} may be open at once, from 1
   */
  public record Options(KafkaConnection kafka, Topics topics, Duration silence, int maxInFlight) {

    public static final int DEFAULT_MAX_IN_FLIGHT = 256;

    public Options {
      if (maxInFlight < 1) {
        throw new IllegalArgumentException("maxInFlight must be at least 1, was " + maxInFlight);
      }
    }

    /** As many in flight as by default. */
    public Options(KafkaConnection kafka, Topics topics, Duration silence) {
      this(kafka, topics, silence, DEFAULT_MAX_IN_FLIGHT);
    }

    /** The topics of the contract, and a minute of patience. */
    public static Options of(KafkaConnection kafka) {
      return new Options(kafka, Topics.DEFAULT, Duration.ofMinutes(1));
    }

    public Options withTopics(Topics value) {
      return new Options(kafka, value, silence, maxInFlight);
    }

    public Options withSilence(Duration value) {
      return new Options(kafka, topics, value, maxInFlight);
    }

    public Options withMaxInFlight(int value) {
      return new Options(kafka, topics, silence, value);
    }
  }

  private static final Logger log = LoggerFactory.getLogger(RivuletClient.class);
  private static final Duration CLOSE = Duration.ofSeconds(5);

  private final Options options;
  private final String source = "/rivulet/clients/" + UUID.randomUUID();
  private final int tokenPartitions;
  private final KafkaProducer<byte[], byte[]> producer;
  private final Semaphore inFlight;
  private final TokenReader live;
  private final Object resuming = new Object();

  /** There once something was resumed. */
  private Optional<TokenReader> resumed = Optional.empty();

  private RivuletClient(
      Options options,
      int tokenPartitions,
      KafkaProducer<byte[], byte[]> producer,
      TokenReader live) {
    this.options = options;
    this.tokenPartitions = tokenPartitions;
    this.producer = producer;
    this.inFlight = new Semaphore(options.maxInFlight(), true);
    this.live = live;
  }

  /**
   * Connects.
   *
   * @throws KafkaUnavailableException when Kafka does not answer, or has not the topics
   */
  public static RivuletClient connect(Options options) {
    Admin admin = options.kafka().admin();
    try {
      int tokenPartitions = partitions(admin, options);
      KafkaProducer<byte[], byte[]> producer = producer(options.kafka());
      try {
        TokenReader live = TokenReader.start(options.kafka());
        return new RivuletClient(options, tokenPartitions, producer, live);
      } catch (RuntimeException e) {
        KafkaConnection.closeUninterrupted(producer);
        throw e;
      }
    } catch (KafkaException e) {
      throw options.kafka().notConfigured(e);
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
      if (e.getCause() instanceof AuthorizationException) {
        throw new KafkaUnavailableException(
            "Kafka at "
                + servers
                + " does not let this client see the topics it needs: "
                + e.getCause().getMessage()
                + "; grant it the rights on them, or log in as another user",
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
   * Sends a prompt and reads its tokens from the first on; returns once Kafka has the prompt. A
   * request without an id gets one. While as many streams are open as may be in flight, this waits:
   * a stream is open until its terminal event was read or it was closed.
   *
   * @throws KafkaUnavailableException when the prompt could not be sent
   * @throws RejectedExecutionException when too many streams stayed open for as long as the client
   *     waits
   * @throws IllegalArgumentException when a request of that id is open in this client
   * @throws CancellationException when the thread is interrupted, which stays so
   */
  public TokenStream submit(GenerationRequest request) {
    GenerationRequest named = named(request);
    var inbox = inbox(named.id().orElseThrow(), 0);
    awaitRoom();
    var stream = new TokenStream(this, live, inbox, options.silence(), inFlight::release);
    try {
      live.openAtEnd(inbox);
      stream.sending();
      send(named);
      return stream;
    } catch (KafkaException e) {
      stream.close();
      throw notSent("prompt", e);
    } catch (RuntimeException e) {
      stream.close();
      throw e;
    }
  }

  private void awaitRoom() {
    try {
      if (!inFlight.tryAcquire(options.silence().toMillis(), TimeUnit.MILLISECONDS)) {
        throw new RejectedExecutionException(
            options.maxInFlight()
                + " requests are in flight and none ended for "
                + options.silence().toSeconds()
                + " s: read or close their streams, or allow more");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("interrupted while waiting for a request to end");
    }
  }

  private Inbox inbox(String id, int firstIndex) {
    var partition = new TopicPartition(options.topics().tokens(), partitionOf(id, tokenPartitions));
    return new Inbox(id, partition, firstIndex);
  }

  /**
   * Reads a request that was sent before, perhaps by another process, from its first token on.
   *
   * @param since a time before its first token was published; {@link Instant#EPOCH} for the
   *     beginning of its partition
   * @throws KafkaUnavailableException when Kafka cannot be read
   * @throws IllegalArgumentException when it is being resumed already
   */
  public TokenStream resume(String id, Instant since) {
    return resume(id, since, 0);
  }

  /**
   * As {@link #resume(String, Instant)}, for a reader that has the tokens below an index.
   *
   * @param firstIndex the first index wanted
   */
  public TokenStream resume(String id, Instant since, int firstIndex) {
    TokenReader reader = resumedReader();
    var inbox = inbox(id, firstIndex);
    var stream = new TokenStream(this, reader, inbox, options.silence(), () -> {});
    try {
      reader.openSince(inbox, since);
      return stream;
    } catch (KafkaException e) {
      stream.close();
      throw new KafkaUnavailableException(
          "request "
              + id
              + " cannot be read from Kafka at "
              + options.kafka().bootstrapServers()
              + ": "
              + e.getMessage(),
          e);
    } catch (RuntimeException e) {
      stream.close();
      throw e;
    }
  }

  private TokenReader resumedReader() {
    synchronized (resuming) {
      if (resumed.isEmpty()) {
        resumed = Optional.of(TokenReader.start(options.kafka()));
      }
      return resumed.get();
    }
  }

  /**
   * Sends a prompt and returns its id, once Kafka has it. It does not count as in flight.
   *
   * @throws KafkaUnavailableException when the prompt could not be sent
   */
  public String send(GenerationRequest request) {
    GenerationRequest named = named(request);
    String id = named.id().orElseThrow();
    send("prompt", options.topics().prompts(), id, MessageType.GENERATION_REQUEST, named.toJson());
    return id;
  }

  /**
   * Asks the nodes to end a request, wherever it is; returns once Kafka has that.
   *
   * @throws KafkaUnavailableException when it could not be sent
   */
  public void cancel(String id) {
    byte[] cancel = new Cancel(id).toJson();
    send("cancel", options.topics().control(), id, MessageType.CANCEL, cancel);
  }

  void tryToCancel(String id) {
    try {
      cancel(id);
    } catch (KafkaUnavailableException | IllegalStateException e) {
      log.warn("request {} goes on: {}", id, e.getMessage());
    }
  }

  private void send(String what, String topic, String id, MessageType type, byte[] value) {
    var record = new ProducerRecord<>(topic, id.getBytes(UTF_8), value);
    CloudEvents.add(record.headers(), type, source, id, Instant.now());
    try {
      producer.send(record).get();
    } catch (ExecutionException e) {
      throw notSent(what, e.getCause());
    } catch (KafkaException e) {
      throw notSent(what, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw notSent(what, e);
    }
  }

  private KafkaUnavailableException notSent(String what, Throwable cause) {
    return new KafkaUnavailableException(
        "the "
            + what
            + " was not sent to Kafka at "
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

  /** Ends the streams that are open, with {@link TokenStreamException}; their requests go on. */
  @Override
  public void close() {
    live.close();
    synchronized (resuming) {
      resumed.ifPresent(TokenReader::close);
    }
    KafkaConnection.closeUninterrupted(() -> producer.close(CLOSE));
  }
}
