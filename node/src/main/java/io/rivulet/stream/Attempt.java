package io.rivulet.stream;

import io.rivulet.engine.Generation;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.header.Headers;

/** One attempt at a prompt, from its delivery until its end is published. Thread-safe. */
final class Attempt {

  private final String id;
  private final int number;
  private final Headers trace;
  private final CompletableFuture<Void> published = new CompletableFuture<>();
  private Optional<Generation> generation = Optional.empty();
  private boolean cancelled;
  private volatile boolean deadlinePassed;
  private volatile boolean abandoned;
  private volatile long claimedUntil;

  /**
   * @param trace headers of the prompt, for the trace context in them
   * @param claimedUntil as in {@link #claimUntil}
   */
  Attempt(String id, int number, Headers trace, long claimedUntil) {
    this.id = id;
    this.number = number;
    this.trace = trace;
    this.claimedUntil = claimedUntil;
  }

  String id() {
    return id;
  }

  int number() {
    return number;
  }

  Headers trace() {
    return trace;
  }

  /** The prompt is ours until then, on the clock of nanoTime. */
  void claimUntil(long time) {
    claimedUntil = time;
  }

  /**
   * Whether the claim may have run out. A process that stood still for long finds out by this alone
   * before it asks Kafka, so every publication looks here.
   */
  boolean claimExpired() {
    return claimedUntil - System.nanoTime() <= 0;
  }

  /** Completes when Kafka has the terminal event, fails when the attempt came to no end. */
  CompletableFuture<Void> published() {
    return published;
  }

  /** Does the action once {@link #published()} is done, either way. */
  void whenDone(Runnable action) {
    var _ = published.whenComplete((done, error) -> action.run());
  }

  /** From now on nothing more may be published for it; the computation ends. */
  void abandon() {
    abandoned = true;
    cancel();
  }

  boolean abandoned() {
    return abandoned;
  }

  /** The attempt cannot be brought to an end: it is given up, for another node to take. */
  void fail(Throwable cause) {
    abandon();
    published.completeExceptionally(cause);
  }

  void passDeadline() {
    deadlinePassed = true;
    cancel();
  }

  boolean deadlinePassed() {
    return deadlinePassed;
  }

  /** The computation has begun. */
  synchronized void begun(Generation begun) {
    generation = Optional.of(begun);
    if (cancelled) {
      begun.cancel();
    }
  }

  private synchronized void cancel() {
    cancelled = true;
    generation.ifPresent(Generation::cancel);
  }
}
