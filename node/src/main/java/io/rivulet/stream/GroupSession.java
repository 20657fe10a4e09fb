package io.rivulet.stream;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import io.rivulet.protocol.KafkaConnection;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Semaphore;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A membership in the consumer group, from joining to leaving or to the first failure. Confined to
 * one thread, which polls whatever else happens; a full node pauses its partitions and polls on, so
 * that it stays a member.
 */
final class GroupSession implements ConsumerRebalanceListener, AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(GroupSession.class);

  private static final Duration POLL = Duration.ofMillis(100);

  /** A poll that waits with partitions paused may spin in the client (KAFKA-21084). */
  private static final Duration PAUSED = Duration.ofMillis(25);

  private static final Duration CLOSE = Duration.ofSeconds(5);
  private static final Duration RETRY = Duration.ofSeconds(1);
  private static final int MOST_FETCHED = 8 << 20;
  private static final int MOST_DOUBLINGS = 5;

  /** An attempt under way. */
  private record Running(ConsumerRecord<byte[], byte[]> record, Attempt attempt) {}

  /** A prompt whose attempt failed, and when the next is to be made, on the clock of nanoTime. */
  private record Retry(ConsumerRecord<byte[], byte[]> record, long at) {}

  /** An attempt that begins when Kafka knows of it: or a prompt could end node after node. */
  private record Beginning(ConsumerRecord<byte[], byte[]> record, Progress.State state) {}

  private final int slots;
  private final ConsumerGroup group;
  private final Admission admission;
  private final TransactionalPublisher publisher;
  private final Semaphore wake;
  private final KafkaConsumer<byte[], byte[]> consumer;

  private final Deque<ConsumerRecord<byte[], byte[]>> waiting = new ArrayDeque<>();
  private final List<Beginning> beginning = new ArrayList<>();
  private final Map<PromptPlace, Running> running = new LinkedHashMap<>();
  private final List<Retry> retries = new ArrayList<>();
  private boolean taking = true;
  private boolean full;

  /**
   * Joins the group.
   *
   * @param publisher is closed with the session
   * @param wake is released when there may be something to do
   */
  GroupSession(
      NodeOptions options,
      KafkaClients clients,
      int slots,
      ConsumerGroup group,
      Admission admission,
      TransactionalPublisher publisher,
      Semaphore wake) {
    this.slots = slots;
    this.group = group;
    this.admission = admission;
    this.publisher = publisher;
    this.wake = wake;
    var defaults = new HashMap<>(group.memberDefaults());
    defaults.put("client.id", options.nodeId());
    defaults.put("fetch.max.bytes", MOST_FETCHED);
    var required = new HashMap<>(group.membership());
    required.put("enable.auto.commit", false);
    required.put("auto.offset.reset", "earliest");
    required.put("isolation.level", "read_committed");
    required.put("max.poll.records", slots);
    consumer = clients.consumer(defaults, required);
    consumer.subscribe(List.of(options.topics().prompts()), this);
  }

  /**
   * Serves prompts for a moment.
   *
   * @throws RuntimeException when the session has failed
   */
  void step() {
    publisher
        .failure()
        .ifPresent(
            failure -> {
              throw failure;
            });
    poll();
    settle();
    begin();
    regulate();
  }

  /** Takes no more prompts; those that run go on with each step. */
  void stopTaking() {
    taking = false;
    waiting.clear();
    retries.clear();
    regulate();
  }

  /** Whether Kafka has let it commit since it joined. */
  boolean settled() {
    return publisher.committed();
  }

  /** Whether no attempt is under way. */
  boolean idle() {
    return running.isEmpty() && beginning.isEmpty();
  }

  private void poll() {
    boolean paused = !consumer.paused().isEmpty();
    if (paused) {
      try {
        wake.tryAcquire(PAUSED.toNanos(), NANOSECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    for (ConsumerRecord<byte[], byte[]> record : consumer.poll(paused ? Duration.ZERO : POLL)) {
      if (publisher.receive(PromptPlace.of(record)) && taking) {
        waiting.add(record);
      }
    }
    publisher.setMember(consumer.groupMetadata());
  }

  /** Forgets attempts that are done, and plans the next where one failed. */
  private void settle() {
    for (Iterator<Running> each = running.values().iterator(); each.hasNext(); ) {
      Running done = each.next();
      if (done.attempt().published().isDone()) {
        each.remove();
        try {
          done.attempt().published().join();
          done.attempt().acknowledged();
        } catch (CompletionException e) {
          log.warn("request {} is tried again: {}", done.attempt().id(), e.getCause().toString());
          int doublings = Math.min(done.attempt().number() - 1, MOST_DOUBLINGS);
          long delay = RETRY.multipliedBy(1L << doublings).toNanos();
          retries.add(new Retry(done.record(), System.nanoTime() + delay));
        }
      }
    }
    for (Iterator<Retry> each = retries.iterator(); each.hasNext(); ) {
      Retry retry = each.next();
      if (taking && retry.at() - System.nanoTime() <= 0) {
        each.remove();
        waiting.addFirst(retry.record());
      }
    }
  }

  private void begin() {
    for (Iterator<ConsumerRecord<byte[], byte[]>> each = waiting.iterator();
        each.hasNext() && running.size() + beginning.size() < slots; ) {
      ConsumerRecord<byte[], byte[]> record = each.next();
      PromptPlace place = PromptPlace.of(record);
      if (publisher.mayBegin(place)) {
        each.remove();
        beginning.add(new Beginning(record, publisher.begin(place)));
      }
    }
    if (!publisher.flush() || publisher.failure().isPresent()) {
      return;
    }
    for (Beginning begun : beginning) {
      Attempt attempt = admission.begin(delivery(begun));
      attempt.whenDone(wake::release);
      running.put(attempt.place(), new Running(begun.record(), attempt));
    }
    beginning.clear();
  }

  private Delivery delivery(Beginning begun) {
    Progress.State state = begun.state();
    return new Delivery(
        begun.record(),
        state.attempt(),
        new Strikes(state.strikes(), state.tokens()),
        Delivery.Left.ENOUGH,
        state.tokens() > 0 ? new Earlier.Tokens(state.tokens()) : new Earlier.Nothing(),
        // It lasts until somebody else has the partition, and then Kafka lets us publish no more.
        System.nanoTime() + Long.MAX_VALUE / 2);
  }

  /**
   * Fetches while there is room, and again only when there is a good deal of it; of a partition
   * whose lowest prompts take too long, only when they are done.
   */
  private void regulate() {
    Set<TopicPartition> held =
        waiting.stream()
            .map(PromptPlace::of)
            .filter(place -> !publisher.mayBegin(place))
            .map(PromptPlace::topicPartition)
            .collect(Collectors.toSet());
    int ready =
        (int)
            waiting.stream()
                .filter(record -> !held.contains(PromptPlace.of(record).topicPartition()))
                .count();
    int taken = ready + beginning.size() + running.size() + retries.size();
    boolean roomy = ready == 0 && taken <= slots - Math.ceilDiv(slots, 4);
    full = !taking || taken >= slots || (full && !roomy);
    pause(full ? consumer.assignment() : held);
  }

  /** Pauses these partitions and no others. */
  private void pause(Set<TopicPartition> partitions) {
    try {
      var others = new HashSet<>(consumer.paused());
      others.removeAll(partitions);
      consumer.resume(others);
      consumer.pause(partitions);
    } catch (IllegalStateException e) {
      // One of them was taken from us meanwhile; the next step sees what is left.
      log.debug(e.getMessage());
    }
  }

  @Override
  public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
    if (partitions.isEmpty()) {
      return;
    }
    long begun = System.nanoTime();
    group.fenceOwners(partitions);
    Map<TopicPartition, OffsetAndMetadata> committed = consumer.committed(Set.copyOf(partitions));
    for (TopicPartition partition : partitions) {
      OffsetAndMetadata offset = committed.get(partition);
      publisher.own(
          partition,
          offset == null
              ? new Progress(consumer.position(partition))
              : ProgressMetadata.read(offset));
    }
    log.info(
        "took over {} in {} ms",
        partitions,
        Duration.ofNanos(System.nanoTime() - begun).toMillis());
  }

  @Override
  public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
    publisher.setMember(consumer.groupMetadata());
    publisher.release(partitions, attempts(partitions));
    forget(partitions);
    log.info("gave up {}", partitions);
  }

  @Override
  public void onPartitionsLost(Collection<TopicPartition> partitions) {
    attempts(partitions).forEach(Attempt::abandon);
    publisher.lose(partitions);
    forget(partitions);
    log.warn("lost {}", partitions);
  }

  private List<Attempt> attempts(Collection<TopicPartition> partitions) {
    return running.values().stream()
        .map(Running::attempt)
        .filter(attempt -> partitions.contains(attempt.place().topicPartition()))
        .toList();
  }

  private void forget(Collection<TopicPartition> partitions) {
    Predicate<ConsumerRecord<?, ?>> theirs =
        record -> partitions.contains(PromptPlace.of(record).topicPartition());
    waiting.removeIf(theirs);
    beginning.removeIf(each -> theirs.test(each.record()));
    retries.removeIf(each -> theirs.test(each.record()));
    running.values().removeIf(each -> theirs.test(each.record()));
  }

  /** Hands back what is not finished, and leaves the group. */
  @Override
  public void close() {
    try {
      // Closing the consumer gives its partitions up, by the call above.
      KafkaConnection.closeUninterrupted(() -> consumer.close(CloseOptions.timeout(CLOSE)));
    } finally {
      running.values().forEach(each -> each.attempt().abandon());
      publisher.close();
    }
  }
}
