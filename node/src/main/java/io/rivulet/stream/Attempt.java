package io.rivulet.stream;

import io.rivulet.engine.Generation;
import io.rivulet.protocol.FinishReason;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.header.Headers;

/** One attempt at a prompt, from its delivery until its end is published. Thread-safe. */
final class Attempt {

  private final String id;
  private final int number;
  private final PromptPlace place;
  private final Headers trace;
  private final CompletableFuture<Void> published = new CompletableFuture<>();
  private Optional<Generation> generation = Optional.empty();
  private Optional<FinishReason> asked = Optional.empty();
  private boolean cancelled;
  private volatile PublishedAnswer earlier = PublishedAnswer.NOTHING;
  private volatile boolean abandoned;
  private volatile long claimedUntil;

  /**
   * An attempt that has not begun.
   *
   * @param id the request's; empty where none could be read
   */
  Attempt(String id, Delivery delivery) {
    this.id = id;
    this.number = delivery.attempt();
    this.place = PromptPlace.of(delivery.record());
    this.trace = delivery.record().headers();
    this.claimedUntil = delivery.claimedUntil();
  }

  String id() {
    return id;
  }

  int number() {
    return number;
  }

  PromptPlace place() {
    return place;
  }

  /** Headers of the prompt, for the trace context in them. */
  Headers trace() {
    return trace;
  }

  /** What earlier attempts published: this one goes on after it. */
  PublishedAnswer earlier() {
    return earlier;
  }

  void continueAfter(PublishedAnswer answer) {
    earlier = answer;
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

  /** The attempt cannot be brought to an end: it is given up, for another one to be made. */
  void fail(Throwable cause) {
    abandon();
    published.completeExceptionally(cause);
  }

  /** The answer is to end now, for this reason; of several reasons the first counts. */
  synchronized void end(FinishReason reason) {
    if (asked.isEmpty()) {
      asked = Optional.of(reason);
    }
    cancel();
  }

  /** Why the answer is to end, where somebody asked for that. */
  synchronized Optional<FinishReason> askedToEnd() {
    return asked;
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
