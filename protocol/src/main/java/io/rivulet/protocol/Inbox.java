package io.rivulet.protocol;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CancellationException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.kafka.common.TopicPartition;

/**
 * A request's events on their way from the thread that polls Kafka to the one that reads them. It
 * holds so many and no more: what does not fit stays in Kafka, and the inbox remembers where.
 */
final class Inbox {

  static final int CAPACITY = 1024;

  private final String id;
  private final TopicPartition partition;
  private final TokenSequence sequence;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition arrival = lock.newCondition();
  private final ArrayDeque<TokenEvent> events = new ArrayDeque<>();
  private OptionalLong firstMissed = OptionalLong.empty();
  private Optional<TokenStreamException> failure = Optional.empty();

  Inbox(String id, TopicPartition partition, int firstIndex) {
    this.id = id;
    this.partition = partition;
    this.sequence = new TokenSequence(id, firstIndex);
  }

  String id() {
    return id;
  }

  TopicPartition partition() {
    return partition;
  }

  /** Takes the record's event, if it is the next one; returns whether more can come. */
  boolean accept(long offset, byte[] value) {
    lock.lock();
    try {
      if (firstMissed.isPresent()) {
        return true;
      }
      if (events.size() == CAPACITY) {
        firstMissed = OptionalLong.of(offset);
        return true;
      }
      TokenEvent event = TokenEvent.fromJson(value);
      if (sequence.accept(event)) {
        events.add(event);
        arrival.signal();
      }
      return !sequence.ended();
    } catch (MalformedMessageException e) {
      // Not an event: were it one of this request, the gap it leaves would be found.
      return true;
    } catch (TokenStreamException e) {
      fail(e);
      return false;
    } finally {
      lock.unlock();
    }
  }

  /** Ends the stream after what has arrived. */
  void fail(TokenStreamException reason) {
    lock.lock();
    try {
      failure = Optional.of(failure.orElse(reason));
      arrival.signal();
    } finally {
      lock.unlock();
    }
  }

  /** The offset of the first event that did not fit. */
  OptionalLong firstMissed() {
    lock.lock();
    try {
      return firstMissed;
    } finally {
      lock.unlock();
    }
  }

  /** Goes on after an overflow, now that what was missed will be read again. */
  void acceptAgain() {
    lock.lock();
    try {
      firstMissed = OptionalLong.empty();
    } finally {
      lock.unlock();
    }
  }

  /** Whether it is empty and has missed events. */
  boolean isBehind() {
    lock.lock();
    try {
      return events.isEmpty() && firstMissed.isPresent();
    } finally {
      lock.unlock();
    }
  }

  /**
   * The next event; absent when none came in that time.
   *
   * @throws TokenStreamException when the stream cannot go on
   * @throws CancellationException when the thread is interrupted, which stays so
   */
  Optional<TokenEvent> take(Duration patience) {
    lock.lock();
    try {
      long left = patience.toNanos();
      while (events.isEmpty() && left > 0) {
        if (failure.isPresent()) {
          throw failure.get();
        }
        left = arrival.awaitNanos(left);
      }
      return Optional.ofNullable(events.poll());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      var cancelled = new CancellationException("interrupted while reading request " + id);
      cancelled.initCause(e);
      throw cancelled;
    } finally {
      lock.unlock();
    }
  }
}
