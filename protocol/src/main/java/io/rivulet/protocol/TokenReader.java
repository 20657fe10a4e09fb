package io.rivulet.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Reads the tokens of many requests with one consumer, on a thread of its own, from the partitions
 * of those that are open. It may go back in a partition at any time: the inboxes know what they
 * have seen.
 */
final class TokenReader implements AutoCloseable {

  private static final Duration POLL = Duration.ofSeconds(1);

  private record Command(Runnable action, CompletableFuture<Void> done) {}

  private final KafkaConnection kafka;
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final BlockingQueue<Command> commands = new LinkedBlockingQueue<>();
  private final Thread thread = Thread.ofVirtual().name("token-reader").unstarted(this::run);
  private volatile boolean closing;

  // Of the thread alone.
  private final Map<TopicPartition, Map<String, Inbox>> open = new HashMap<>();
  private final Set<TopicPartition> placed = new HashSet<>();

  private TokenReader(KafkaConnection kafka) {
    this.kafka = kafka;
    var bytes = new ByteArrayDeserializer();
    this.consumer =
        new KafkaConsumer<>(
            kafka.consumer(
                Map.of("fetch.max.wait.ms", 100, "isolation.level", "read_committed"),
                Map.of("enable.auto.commit", false, "auto.offset.reset", "earliest")),
            bytes,
            bytes);
  }

  static TokenReader start(KafkaConnection kafka) {
    var reader = new TokenReader(kafka);
    reader.thread.start();
    return reader;
  }

  /**
   * Returns when everything published from now on will reach the inbox.
   *
   * @throws KafkaException when the partition cannot be read
   * @throws IllegalArgumentException when the request is being read already
   */
  void openAtEnd(Inbox inbox) {
    open(inbox, () -> place(inbox.partition()));
  }

  /** As {@link #openAtEnd} for what was published since that time. */
  void openSince(Inbox inbox, Instant since) {
    open(
        inbox,
        () -> {
          place(inbox.partition());
          goBack(inbox.partition(), firstSince(inbox.partition(), since));
        });
  }

  /** Reads again what did not fit an inbox that has been emptied. */
  void catchUp(Inbox inbox) {
    var _ = send(() -> inbox.firstMissed().ifPresent(missed -> readAgain(inbox, missed)));
  }

  private void readAgain(Inbox inbox, long missed) {
    try {
      goBack(inbox.partition(), missed);
      inbox.acceptAgain();
    } catch (WakeupException e) {
      throw e;
    } catch (KafkaException e) {
      forget(inbox);
      inbox.fail(cannotReadOn(inbox, e.getMessage()));
    }
  }

  /** Reads a request no longer. */
  void remove(Inbox inbox) {
    var _ = send(() -> forget(inbox));
  }

  private void open(Inbox inbox, Runnable placing) {
    var opened =
        send(
            () -> {
              register(inbox);
              try {
                placing.run();
              } catch (WakeupException e) {
                throw e;
              } catch (RuntimeException e) {
                forget(inbox);
                throw e;
              }
            });
    try {
      opened.get();
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case RuntimeException cause -> throw cause;
        default -> throw new KafkaException(e.getCause());
      }
    } catch (InterruptedException e) {
      remove(inbox);
      Thread.currentThread().interrupt();
      var cancelled = new CancellationException("interrupted while opening " + inbox.id());
      cancelled.initCause(e);
      throw cancelled;
    }
  }

  private CompletableFuture<Void> send(Runnable action) {
    var command = new Command(action, new CompletableFuture<>());
    commands.add(command);
    consumer.wakeup();
    if (closing) {
      command.done().completeExceptionally(closed());
    }
    return command.done();
  }

  private void run() {
    try {
      while (!closing) {
        if (open.isEmpty()) {
          execute(commands.take());
        }
        while (!commands.isEmpty()) {
          execute(commands.remove());
        }
        if (!open.isEmpty()) {
          poll();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      failAll("the client was closed", Optional.empty());
      commands.forEach(command -> command.done().completeExceptionally(closed()));
      KafkaConnection.closeUninterrupted(consumer);
    }
  }

  private static TokenStreamException cannotReadOn(Inbox inbox, String reason) {
    return new TokenStreamException("request " + inbox.id() + " cannot be read on: " + reason);
  }

  private static IllegalStateException closed() {
    return new IllegalStateException("the client was closed");
  }

  /** Again after a wake-up that was meant for polling; every action may be done twice. */
  private static void execute(Command command) {
    while (!command.done().isDone()) {
      try {
        command.action().run();
        command.done().complete(null);
      } catch (WakeupException e) {
        // Again.
      } catch (RuntimeException e) {
        command.done().completeExceptionally(e);
      }
    }
  }

  private void poll() {
    try {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
        deliver(record);
      }
    } catch (WakeupException e) {
      // There are commands.
    } catch (KafkaException e) {
      failAll(e.getMessage(), Optional.of(e));
    }
  }

  private void deliver(ConsumerRecord<byte[], byte[]> record) {
    var partition = new TopicPartition(record.topic(), record.partition());
    if (record.key() == null || record.value() == null || !open.containsKey(partition)) {
      return;
    }
    Inbox inbox = open.get(partition).get(new String(record.key(), UTF_8));
    if (inbox != null && !inbox.accept(record.offset(), record.value())) {
      forget(inbox);
    }
  }

  private void register(Inbox inbox) {
    var ofPartition = open.computeIfAbsent(inbox.partition(), partition -> new HashMap<>());
    Inbox other = ofPartition.putIfAbsent(inbox.id(), inbox);
    if (other != null && other != inbox) {
      throw new IllegalArgumentException(
          "request " + inbox.id() + " is being read already: end that first, or use another id");
    }
  }

  private void forget(Inbox inbox) {
    var ofPartition = open.getOrDefault(inbox.partition(), new HashMap<>());
    ofPartition.remove(inbox.id(), inbox);
    if (ofPartition.isEmpty() && open.remove(inbox.partition()) != null) {
      placed.remove(inbox.partition());
      consumer.assign(Set.copyOf(open.keySet()));
    }
  }

  /** Seeking is lazy: asking for the position fixes it before a prompt is on its way. */
  private void place(TopicPartition partition) {
    if (!placed.contains(partition)) {
      consumer.assign(Set.copyOf(open.keySet()));
      consumer.seekToEnd(List.of(partition));
      consumer.position(partition, kafka.timeout());
      placed.add(partition);
    }
  }

  private void goBack(TopicPartition partition, long offset) {
    if (placed.contains(partition) && offset < consumer.position(partition, kafka.timeout())) {
      consumer.seek(partition, offset);
    }
  }

  private long firstSince(TopicPartition partition, Instant since) {
    if (since.equals(Instant.EPOCH)) {
      return consumer.beginningOffsets(List.of(partition), kafka.timeout()).get(partition);
    }
    OffsetAndTimestamp first =
        consumer
            .offsetsForTimes(Map.of(partition, since.toEpochMilli()), kafka.timeout())
            .get(partition);
    return first == null ? Long.MAX_VALUE : first.offset();
  }

  private void failAll(String reason, Optional<Exception> cause) {
    for (Map<String, Inbox> ofPartition : open.values()) {
      for (Inbox inbox : ofPartition.values()) {
        TokenStreamException failure = cannotReadOn(inbox, reason);
        cause.ifPresent(failure::initCause);
        inbox.fail(failure);
      }
    }
    open.clear();
    placed.clear();
    consumer.unsubscribe();
  }

  @Override
  public void close() {
    closing = true;
    var _ = send(() -> {});
    boolean interrupted = Thread.interrupted();
    try {
      thread.join();
    } catch (InterruptedException e) {
      interrupted = true;
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
