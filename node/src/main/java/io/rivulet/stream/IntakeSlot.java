package io.rivulet.stream;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import io.rivulet.protocol.KafkaConnection;
import io.rivulet.protocol.KafkaUnavailableException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.TopicIdPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One prompt at a time: takes it, keeps the claim on it alive while tokens are generated, and
 * acknowledges it once its end is published.
 *
 * <p>A consumer and a thread for each slot, because one share consumer with many records in flight
 * does not work: a renewed record comes back from the next poll and blocks new ones, and the locks
 * of prefetched ones expire unseen.
 */
final class IntakeSlot {

  private static final Logger log = LoggerFactory.getLogger(IntakeSlot.class);

  static final Duration POLL = Duration.ofMillis(500);
  private static final Duration CLOSE = Duration.ofSeconds(5);
  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(1);
  private static final int MOST_DOUBLINGS = 5;
  private static final Duration DEFAULT_LOCK = Duration.ofSeconds(15);

  private final NodeOptions options;
  private final KafkaClients clients;
  private final int number;
  private final ShareGroup group;
  private final Admission admission;
  private final Semaphore wake = new Semaphore(0);
  private volatile boolean draining;
  private volatile long drainDeadline;

  IntakeSlot(
      NodeOptions options,
      KafkaClients clients,
      int number,
      ShareGroup group,
      Admission admission) {
    this.options = options;
    this.clients = clients;
    this.number = number;
    this.group = group;
    this.admission = admission;
  }

  /** Takes no more; what is not finished by then (on the clock of nanoTime) is handed back. */
  void drain(long deadline) {
    drainDeadline = deadline;
    draining = true;
    wake.release();
  }

  /**
   * Opens the first consumer.
   *
   * @return what serves until {@link #drain}
   * @throws RuntimeException where the consumer can never be
   */
  Runnable prepare() {
    KafkaShareConsumer<byte[], byte[]> first = open();
    return () -> {
      tryToServe(() -> first);
      while (!draining) {
        tryToServe(this::open);
      }
    };
  }

  /** The thread goes on whatever fails: one that ends would leave its slot empty for good. */
  private void tryToServe(Supplier<KafkaShareConsumer<byte[], byte[]>> consumer) {
    try {
      serve(consumer.get());
    } catch (ClaimLostException e) {
      log.warn(e.getMessage());
    } catch (RuntimeException | Error e) {
      log.error("the intake starts anew after: {}", e.toString());
      pause(PAUSE_AFTER_FAILURE);
    }
  }

  private void serve(KafkaShareConsumer<byte[], byte[]> consumer) {
    try {
      consumer.subscribe(List.of(options.topics().prompts()));
      serveAll(consumer);
    } finally {
      KafkaConnection.closeUninterrupted(() -> consumer.close(CLOSE));
    }
  }

  private void serveAll(KafkaShareConsumer<byte[], byte[]> consumer) {
    Metric fetches = fetches(consumer);
    long lastRecord = System.nanoTime();
    while (!draining) {
      long polled = System.nanoTime();
      Object before = fetches.metricValue();
      ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
      // The client may fetch a prompt more than asked for. Where this poll fetched nothing, what it
      // gives has waited in the client, perhaps for as long as the prompt before it took.
      long acquired = before.equals(fetches.metricValue()) ? lastRecord : polled;
      for (ConsumerRecord<byte[], byte[]> record : records) {
        lastRecord = System.nanoTime();
        serve(consumer, record, acquired);
      }
    }
  }

  private static Metric fetches(KafkaShareConsumer<byte[], byte[]> consumer) {
    return consumer.metrics().values().stream()
        .filter(metric -> metric.metricName().name().equals("fetch-total"))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("share consumers have no fetch-total"));
  }

  private KafkaShareConsumer<byte[], byte[]> open() {
    return clients.shareConsumer(
        Map.of(
            "client.id",
            options.nodeId() + "-" + number,
            // Shorter than a poll: a fetch that outlasts it makes the client fetch twice.
            "fetch.max.wait.ms",
            400),
        Map.of(
            "group.id",
            options.intake().groupId(),
            "share.acknowledgement.mode",
            "explicit",
            "share.acquire.mode",
            "record_limit",
            "max.poll.records",
            1));
  }

  /**
   * Serves a prompt.
   *
   * @param acquired when it was locked for us at the earliest, on the clock of nanoTime
   */
  private void serve(
      KafkaShareConsumer<byte[], byte[]> consumer,
      ConsumerRecord<byte[], byte[]> record,
      long acquired) {
    Duration lock =
        consumer.acquisitionLockTimeoutMs().map(Duration::ofMillis).orElse(DEFAULT_LOCK);
    if (draining || claimEnd(acquired, lock) - System.nanoTime() <= 0) {
      handBack(consumer, record);
      return;
    }
    wake.drainPermits();
    Attempt attempt = admission.begin(delivery(record, claimEnd(acquired, lock)));
    attempt.whenDone(wake::release);
    try {
      acknowledge(consumer, record, outcome(consumer, record, attempt, acquired, lock));
      attempt.acknowledged();
    } finally {
      // Whatever went wrong here: without a claim nothing more may be published.
      attempt.abandon();
    }
  }

  private Delivery delivery(ConsumerRecord<byte[], byte[]> record, long claimedUntil) {
    int count = Math.max(1, record.deliveryCount().map(Short::intValue).orElse(1));
    Origin origin = Origin.of(record);
    int attempt = origin.attempts() + count;
    return new Delivery(
        record,
        attempt,
        origin.strikes().andMore(count),
        left(count),
        attempt > 1 || mayHaveBeenDelivered(record)
            ? new Earlier.Something()
            : new Earlier.Nothing(),
        claimedUntil);
  }

  /** The first delivery is for an attempt, however few there are. */
  private Delivery.Left left(int deliveries) {
    int left = group.deliveryLimit() - deliveries;
    if (deliveries == 1 || left > 1) {
      return Delivery.Left.ENOUGH;
    }
    return left == 1 ? Delivery.Left.ONE : Delivery.Left.NONE;
  }

  private boolean mayHaveBeenDelivered(ConsumerRecord<byte[], byte[]> record) {
    try {
      return group.hasNewLeader(record);
    } catch (KafkaUnavailableException e) {
      return true;
    }
  }

  /** What failed for one may fail for all, so each attempt leaves more time to mend it. */
  private static Duration backOff(int attempt, Duration most) {
    Duration time = PAUSE_AFTER_FAILURE.multipliedBy(1L << Math.min(attempt - 1, MOST_DOUBLINGS));
    return time.compareTo(most) < 0 ? time : most;
  }

  /** Waits for the end of the attempt, or of the time to drain, and keeps the claim until then. */
  private AcknowledgeType outcome(
      KafkaShareConsumer<byte[], byte[]> consumer,
      ConsumerRecord<byte[], byte[]> record,
      Attempt attempt,
      long acquired,
      Duration lock) {
    Duration renewal = lock.dividedBy(3);
    long renewAt = acquired + renewal.toNanos();
    while (!attempt.published().isDone()) {
      if (draining && drainDeadline - System.nanoTime() <= 0) {
        attempt.abandon();
        log.info("handed back request {}, which did not finish in time", attempt.id());
        return AcknowledgeType.RELEASE;
      }
      if (renewAt - System.nanoTime() <= 0) {
        // Too late is lost: Kafka says nothing of it where the prompt is long done by another node.
        if (!attempt.claimed()) {
          throw new ClaimLostException(record, "the lock was not renewed in time");
        }
        long renewed = System.nanoTime();
        renew(consumer, record, renewal);
        attempt.claimUntil(claimEnd(renewed, lock));
        renewAt = renewed + renewal.toNanos();
      }
      long until = draining && drainDeadline - renewAt < 0 ? drainDeadline : renewAt;
      pause(Duration.ofNanos(Math.max(1, until - System.nanoTime())));
    }
    try {
      attempt.published().join();
      return AcknowledgeType.ACCEPT;
    } catch (CompletionException e) {
      log.warn("handed back request {}: {}", attempt.id(), e.getCause().toString());
      pause(backOff(attempt.number(), renewal));
      return AcknowledgeType.RELEASE;
    }
  }

  /** When a lock taken then is over, with a margin. */
  private static long claimEnd(long acquired, Duration lock) {
    return acquired + lock.toNanos() / 10 * 9;
  }

  /** Leaves the prompt to others, who may have it already. */
  private static void handBack(
      KafkaShareConsumer<byte[], byte[]> consumer, ConsumerRecord<byte[], byte[]> record) {
    try {
      acknowledge(consumer, record, AcknowledgeType.RELEASE);
    } catch (ClaimLostException e) {
      log.debug(e.getMessage());
    }
  }

  /** Extends the lock; a record that does not come back from the poll is no longer ours. */
  private static void renew(
      KafkaShareConsumer<byte[], byte[]> consumer,
      ConsumerRecord<byte[], byte[]> record,
      Duration patience) {
    consumer.acknowledge(record, AcknowledgeType.RENEW);
    commit(consumer, record, patience);
    ConsumerRecords<byte[], byte[]> renewed = consumer.poll(Duration.ZERO);
    for (ConsumerRecord<byte[], byte[]> back : renewed) {
      if (back.offset() == record.offset() && back.partition() == record.partition()) {
        return;
      }
    }
    throw new ClaimLostException(record, "it did not come back when the lock was renewed");
  }

  private static void acknowledge(
      KafkaShareConsumer<byte[], byte[]> consumer,
      ConsumerRecord<byte[], byte[]> record,
      AcknowledgeType type) {
    consumer.acknowledge(record, type);
    commit(consumer, record, Duration.ofSeconds(30));
  }

  private static void commit(
      KafkaShareConsumer<byte[], byte[]> consumer,
      ConsumerRecord<byte[], byte[]> record,
      Duration timeout) {
    Map<TopicIdPartition, Optional<KafkaException>> results = consumer.commitSync(timeout);
    for (Optional<KafkaException> result : results.values()) {
      if (result.isPresent()) {
        throw new ClaimLostException(record, result.get().toString());
      }
    }
  }

  private void pause(Duration time) {
    try {
      wake.tryAcquire(time.toNanos(), NANOSECONDS);
    } catch (InterruptedException e) {
      // This thread is the slot's own: an interrupt means to end now, handing back.
      drain(System.nanoTime());
    }
  }

  /** Another node may have the prompt by now. */
  private static final class ClaimLostException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    ClaimLostException(ConsumerRecord<?, ?> record, String reason) {
      super(
          "lost the claim on the prompt at "
              + record.topic()
              + "-"
              + record.partition()
              + " offset "
              + record.offset()
              + ": "
              + reason);
    }
  }
}
