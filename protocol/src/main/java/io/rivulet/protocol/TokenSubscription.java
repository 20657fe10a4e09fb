package io.rivulet.protocol;

import java.util.concurrent.Flow;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Gives a stream's events to a subscriber, on a thread of its own. */
final class TokenSubscription implements Flow.Subscription {

  private final TokenStream stream;
  private final Flow.Subscriber<? super TokenEvent> subscriber;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition change = lock.newCondition();
  private long demand;
  private boolean refused;
  private boolean cancelled;

  TokenSubscription(TokenStream stream, Flow.Subscriber<? super TokenEvent> subscriber) {
    this.stream = stream;
    this.subscriber = subscriber;
  }

  /** Tells a subscriber that comes too late, in the order that the protocol asks for. */
  static void refuse(Flow.Subscriber<? super TokenEvent> subscriber, RuntimeException reason) {
    subscriber.onSubscribe(
        new Flow.Subscription() {
          @Override
          public void request(long n) {
            // There is nothing to give.
          }

          @Override
          public void cancel() {
            // There is nothing to end.
          }
        });
    subscriber.onError(reason);
  }

  void start() {
    Thread.ofVirtual().name("tokens-of-" + stream.id()).start(this::run);
  }

  private void run() {
    boolean ended = false;
    try (stream) {
      subscriber.onSubscribe(this);
      while (!ended && awaitDemand()) {
        TokenEvent event = stream.next();
        subscriber.onNext(event);
        ended = event.terminal();
      }
      if (ended) {
        subscriber.onComplete();
      } else if (!isCancelled()) {
        subscriber.onError(new IllegalArgumentException("a subscriber requests 1 or more"));
      }
    } catch (RuntimeException e) {
      if (!isCancelled()) {
        subscriber.onError(e);
      }
    } finally {
      if (isCancelled() && !ended) {
        stream.cancelUnheard();
      }
    }
  }

  /** Whether the subscriber wants one more, once that is known. */
  private boolean awaitDemand() {
    lock.lock();
    try {
      while (demand == 0 && !cancelled && !refused) {
        change.awaitUninterruptibly();
      }
      if (cancelled || refused) {
        return false;
      }
      demand -= demand == Long.MAX_VALUE ? 0 : 1;
      return true;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void request(long n) {
    lock.lock();
    try {
      refused |= n <= 0;
      demand = n > Long.MAX_VALUE - demand ? Long.MAX_VALUE : demand + Math.max(n, 0);
      change.signal();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void cancel() {
    lock.lock();
    try {
      cancelled = true;
      change.signal();
    } finally {
      lock.unlock();
    }
    stream.close();
  }

  private boolean isCancelled() {
    lock.lock();
    try {
      return cancelled;
    } finally {
      lock.unlock();
    }
  }
}
