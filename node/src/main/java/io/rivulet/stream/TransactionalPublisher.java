package io.rivulet.stream;

import io.rivulet.protocol.KafkaConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TransactionAbortableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends tokens and commits the progress that they make as one transaction. While one is under way
 * the next gathers, so that there is one for each step of the engine, or for several where Kafka is
 * slower. Who lost a partition cannot commit any more.
 *
 * <p>Whoever commits holds the lock, and takes what waits only then: otherwise a partition that is
 * given up meanwhile would come between the two.
 */
final class TransactionalPublisher implements Publisher, AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(TransactionalPublisher.class);
  private static final Duration RETRY = Duration.ofMillis(20);
  private static final String NOBODY = "";

  private final NodeOptions options;
  private final KafkaProducer<byte[], byte[]> producer;
  private final Queue<Publication> queue = new ConcurrentLinkedQueue<>();
  private final Semaphore work = new Semaphore(0);
  private final Thread thread;

  private final Map<TopicPartition, Progress> owned = new HashMap<>();

  /** Owned partitions whose progress Kafka does not know. */
  private final Set<TopicPartition> changed = new HashSet<>();

  /** Owned partitions that Kafka knows as ours. */
  private final Set<TopicPartition> known = new HashSet<>();

  /** What was sent in a transaction that was aborted. */
  private final List<Publication> unsent = new ArrayList<>();

  private Optional<ConsumerGroupMetadata> member = Optional.empty();
  private volatile Optional<KafkaException> failure = Optional.empty();
  private volatile boolean committed;
  private volatile boolean closed;

  /**
   * Ends the transactions of a predecessor, and begins.
   *
   * @throws KafkaException when Kafka does not let it
   */
  TransactionalPublisher(NodeOptions options, KafkaClients clients, ConsumerGroup group) {
    this.options = options;
    producer =
        clients.producer(
            Map.of(
                "client.id", options.nodeId() + "-transactions",
                "linger.ms", 0,
                "max.request.size", 4 << 20,
                "max.block.ms", 10_000,
                // The next transaction may find the one before not quite ended.
                "retry.backoff.ms", 5,
                // How long a node that died may keep readers waiting.
                "transaction.timeout.ms", 10_000),
            Map.of(
                "acks",
                "all",
                "enable.idempotence",
                true,
                "transactional.id",
                group.transactionalId(options.nodeId())));
    try {
      producer.initTransactions();
    } catch (KafkaException e) {
      KafkaConnection.closeUninterrupted(() -> producer.close(Duration.ZERO));
      throw e;
    }
    thread = Thread.ofPlatform().name("publisher").start(this::run);
  }

  @Override
  public void publish(Publication publication) {
    queue.add(publication);
    work.release();
  }

  private void run() {
    while (!closed) {
      work.acquireUninterruptibly();
      work.drainPermits();
      if (!closed && !flush()) {
        // The consumer is about to learn what makes the difference.
        try {
          Thread.sleep(RETRY);
        } catch (InterruptedException e) {
          return;
        }
        work.release();
      }
    }
  }

  /** Why nothing more can be published, where that is so. */
  Optional<KafkaException> failure() {
    return failure;
  }

  /** Whether Kafka has let it commit. */
  boolean committed() {
    return committed;
  }

  /** Keeps as who we are in the group. */
  synchronized void setMember(ConsumerGroupMetadata now) {
    member = Optional.of(now);
  }

  /** The partition is ours from now on. */
  synchronized void own(TopicPartition partition, Progress progress) {
    owned.put(partition, progress);
    changed.add(partition);
  }

  /** A record was delivered; says whether its prompt is to be answered. */
  synchronized boolean receive(PromptPlace place) {
    Progress progress = owned.get(place.topicPartition());
    return progress != null && progress.receive(place.offset());
  }

  synchronized boolean mayBegin(PromptPlace place) {
    return owned.get(place.topicPartition()).mayBegin(place.offset());
  }

  /** The next attempt at a prompt begins, once this is flushed. */
  synchronized Progress.State begin(PromptPlace place) {
    changed.add(place.topicPartition());
    return owned.get(place.topicPartition()).begin(place.offset());
  }

  /**
   * Commits all that there is to commit.
   *
   * @return false if Kafka refused it for now
   */
  synchronized boolean flush() {
    take();
    return commit(Set.of());
  }

  /**
   * Gives partitions up: publishes what their attempts have said so far, and lets another node go
   * on from there.
   *
   * @param attempts at their prompts that are under way; they end
   */
  synchronized void release(Collection<TopicPartition> partitions, Collection<Attempt> attempts) {
    take();
    for (Attempt attempt : attempts) {
      attempt.abandon();
      Optional.ofNullable(owned.get(attempt.place().topicPartition()))
          .ifPresent(progress -> progress.forgive(attempt.place().offset()));
    }
    var released = new HashSet<>(partitions);
    released.retainAll(owned.keySet());
    for (TopicPartition partition : released) {
      if (known.contains(partition)) {
        changed.add(partition);
      }
    }
    if (!commit(released)) {
      log.warn("{} could not be given up in order", released);
    }
    lose(released);
  }

  /** The partitions are another node's. */
  synchronized void lose(Collection<TopicPartition> partitions) {
    owned.keySet().removeAll(partitions);
    changed.removeAll(partitions);
    known.removeAll(partitions);
    unsent.removeIf(publication -> !owns(publication));
  }

  /** Takes what waits into account. */
  private void take() {
    for (Publication next = queue.poll(); next != null; next = queue.poll()) {
      if (!next.attempt().abandoned() && owns(next)) {
        unsent.add(next);
        TopicPartition partition = next.attempt().place().topicPartition();
        long offset = next.attempt().place().offset();
        changed.add(partition);
        if (next.last()) {
          owned.get(partition).finish(offset);
        } else {
          owned.get(partition).publish(offset, next.tokens());
        }
      }
    }
  }

  private boolean owns(Publication publication) {
    return owned.containsKey(publication.attempt().place().topicPartition());
  }

  private boolean commit(Set<TopicPartition> released) {
    if (failure.isPresent() || changed.isEmpty()) {
      return true;
    }
    try {
      producer.beginTransaction();
      for (Publication publication : unsent) {
        for (ProducerRecord<byte[], byte[]> record : publication.records()) {
          // Whether it failed shows when the transaction is committed.
          var _ = producer.send(record);
        }
      }
      producer.sendOffsetsToTransaction(offsets(released), member.orElseThrow());
      producer.commitTransaction();
    } catch (CommitFailedException | TransactionAbortableException e) {
      log.debug("a transaction is tried again: {}", e.getMessage());
      return abort();
    } catch (KafkaException e) {
      failure = Optional.of(e);
      return true;
    }
    committed = true;
    known.addAll(changed);
    changed.clear();
    List<Publication> published = List.copyOf(unsent);
    unsent.clear();
    for (Publication publication : published) {
      if (publication.last()) {
        publication.attempt().published().complete(null);
      }
    }
    return true;
  }

  private boolean abort() {
    try {
      producer.abortTransaction();
      return false;
    } catch (KafkaException e) {
      failure = Optional.of(e);
      return true;
    }
  }

  private Map<TopicPartition, OffsetAndMetadata> offsets(Set<TopicPartition> released) {
    var offsets = new HashMap<TopicPartition, OffsetAndMetadata>();
    for (TopicPartition partition : changed) {
      String owner = released.contains(partition) ? NOBODY : options.nodeId();
      offsets.put(partition, ProgressMetadata.of(owned.get(partition), owner));
    }
    return offsets;
  }

  /** Ends without another transaction. */
  @Override
  public void close() {
    closed = true;
    work.release();
    KafkaConnection.closeUninterrupted(() -> producer.close(Duration.ZERO));
    KafkaConnection.closeUninterrupted(thread::join);
  }
}
