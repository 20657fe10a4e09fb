package io.rivulet.stream;

import io.rivulet.engine.Generation;
import io.rivulet.protocol.FinishReason;
import io.rivulet.tracing.RequestTrace;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.common.header.Headers;

/** One attempt at a prompt, from its delivery until its end is published. Thread-safe. */
final class Attempt {

  private final String id;
  private final int number;
  private final PromptPlace place;
  private final Origin origin;
  private final Instant taken = Instant.now();
  private final CompletableFuture<Void> settled = new CompletableFuture<>();
  private final CompletableFuture<Void> published = new CompletableFuture<>();
  private Optional<Generation> generation = Optional.empty();
  private Optional<FinishReason> asked = Optional.empty();
  private boolean cancelled;
  private volatile PublishedAnswer earlier = PublishedAnswer.NOTHING;
  private volatile Headers trace;
  private volatile Optional<RequestTrace> span = Optional.empty();
  private volatile Ending ending = Ending.HANDED_BACK;
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
    this.origin = Origin.of(delivery.record());
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

  Origin origin() {
    return origin;
  }

  /** When the node took it. */
  Instant taken() {
    return taken;
  }

  /** Headers with the trace context for what is published: those of the prompt, to begin with. */
  Headers trace() {
    return trace;
  }

  /** What is published from now on belongs to this span. */
  void traced(RequestTrace by) {
    span = Optional.of(by);
    trace = by.headers();
  }

  /** The engine is about to have it. */
  void submitting() {
    span.ifPresent(RequestTrace::submitted);
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
   * Whether the prompt is still ours. A process that stood still for long finds out by this alone
   * before it asks Kafka, so every publication looks here.
   */
  boolean claimed() {
    return claimedUntil - System.nanoTime() > 0;
  }

  /** Completes when Kafka has the terminal event, fails when the attempt came to no end. */
  CompletableFuture<Void> published() {
    return published;
  }

  /** Does the action once {@link #published()} is done, either way. */
  void whenDone(Runnable action) {
    var _ = published.whenComplete((done, error) -> action.run());
  }

  /** Does the action once Kafka has the terminal event. */
  void whenPublished(Runnable action) {
    var _ = published.thenRun(action);
  }

  /** How it ends, once it is handed over to be published. */
  Ending ending() {
    return ending;
  }

  /** It ends like this as soon as that is published. */
  void endsWith(Ending how) {
    ending = how;
  }

  /** Kafka knows the prompt as done. */
  void acknowledged() {
    settled.complete(null);
  }

  /** Does the action once the prompt is {@link #acknowledged()}, or the attempt abandoned. */
  void whenSettled(Runnable action) {
    var _ = settled.thenRun(action);
  }

  /** Waits until it is settled, but no longer than this. */
  void awaitSettled(Duration time) {
    try {
      settled.get(time.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      return;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      throw new IllegalStateException("settling never fails", e);
    }
  }

  /** From now on nothing more may be published for it; the computation ends. */
  void abandon() {
    abandoned = true;
    cancel();
    settled.complete(null);
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
