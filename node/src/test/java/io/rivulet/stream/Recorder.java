package io.rivulet.stream;

import io.rivulet.protocol.TokenEvent;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A subscriber that keeps what it is given, and asks for nothing by itself. */
final class Recorder implements Flow.Subscriber<TokenEvent> {

  private final CompletableFuture<Flow.Subscription> subscription = new CompletableFuture<>();
  private final BlockingQueue<TokenEvent> events = new LinkedBlockingQueue<>();
  private final CompletableFuture<Optional<Throwable>> outcome = new CompletableFuture<>();

  Flow.Subscription subscription() throws Exception {
    return subscription.get(30, TimeUnit.SECONDS);
  }

  TokenEvent next() throws InterruptedException {
    return Optional.ofNullable(events.poll(30, TimeUnit.SECONDS)).orElseThrow();
  }

  boolean hasMoreWithin(Duration patience) throws InterruptedException {
    return events.poll(patience.toMillis(), TimeUnit.MILLISECONDS) != null;
  }

  /** What it failed with; empty where it was completed. */
  Optional<Throwable> outcome() throws Exception {
    return outcome.get(30, TimeUnit.SECONDS);
  }

  @Override
  public void onSubscribe(Flow.Subscription given) {
    subscription.complete(given);
  }

  @Override
  public void onNext(TokenEvent event) {
    events.add(event);
  }

  @Override
  public void onError(Throwable failure) {
    outcome.complete(Optional.of(failure));
  }

  @Override
  public void onComplete() {
    outcome.complete(Optional.empty());
  }
}
