package io.rivulet.protocol;

import java.time.Duration;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * A request's events in order as they come, each index once, the terminal event last. It is read in
 * one of three ways: event by event here, by {@link #deliverTo a callback}, or as {@link
 * #publisher() a publisher}.
 *
 * <p>{@link #hasNext} and {@link #next} wait for the next event and are for one thread. They throw
 * {@link TokenStreamException} when none comes for as long as the client waits, when tokens are
 * missing between two, or when an index comes again with another token; {@link
 * CancellationException} when the thread is interrupted, which stays so.
 *
 * <p>A stream holds a bounded number of events; when it is read too slowly for that, it reads the
 * rest from Kafka again, and no other stream waits for it.
 */
public final class TokenStream implements Iterator<TokenEvent>, AutoCloseable {

  private final String id;
  private final RivuletClient client;
  private final TokenReader reader;
  private final Inbox inbox;
  private final Duration silence;
  private final Runnable onClose;
  private final AtomicBoolean closed = new AtomicBoolean();
  private final AtomicBoolean handedOver = new AtomicBoolean();
  private Optional<TokenEvent> ready = Optional.empty();
  private boolean ended;
  private long sentNanos = System.nanoTime();

  TokenStream(
      RivuletClient client, TokenReader reader, Inbox inbox, Duration silence, Runnable onClose) {
    this.id = inbox.id();
    this.client = client;
    this.reader = reader;
    this.inbox = inbox;
    this.silence = silence;
    this.onClose = onClose;
  }

  /** The request's id. */
  public String id() {
    return id;
  }

  /** How long ago the prompt was sent, or reading was taken up. */
  public Duration sinceSent() {
    return Duration.ofNanos(System.nanoTime() - sentNanos);
  }

  void sending() {
    sentNanos = System.nanoTime();
  }

  @Override
  public boolean hasNext() {
    if (ready.isEmpty() && !ended) {
      ready = Optional.of(await());
      ended = ready.get().terminal();
      if (ended) {
        close();
      }
    }
    return ready.isPresent();
  }

  @Override
  public TokenEvent next() {
    if (!hasNext()) {
      throw new NoSuchElementException("the stream of request " + id + " has ended");
    }
    TokenEvent next = ready.orElseThrow();
    ready = Optional.empty();
    return next;
  }

  private TokenEvent await() {
    if (inbox.isBehind()) {
      reader.catchUp(inbox);
    }
    return inbox
        .take(silence)
        .orElseThrow(
            () ->
                new TokenStreamException(
                    "no token of request "
                        + id
                        + " came for "
                        + silence.toSeconds()
                        + " s: is a node running on these topics?"));
  }

  /**
   * Calls back for each event, one after the other, on a thread of this stream. The next event
   * waits until the callback has returned. The result fails with what the callback throws, and with
   * what {@link #next} would; cancelling the result cancels the request.
   *
   * @return how the request ended, once it has
   * @throws IllegalStateException when the stream is handed over already
   */
  public CompletableFuture<Completion> deliverTo(Consumer<? super TokenEvent> callback) {
    var result = new CompletableFuture<Completion>();
    handOver();
    Thread.ofVirtual().name("tokens-of-" + id).start(() -> deliver(callback, result));
    var _ = result.whenComplete((completion, failure) -> close());
    return result;
  }

  private void deliver(
      Consumer<? super TokenEvent> callback, CompletableFuture<Completion> result) {
    try {
      Optional<Completion> end = Optional.empty();
      while (end.isEmpty() && !result.isCancelled()) {
        TokenEvent event = next();
        callback.accept(event);
        end = event.completion();
      }
      end.ifPresent(result::complete);
    } catch (RuntimeException e) {
      result.completeExceptionally(e);
    } finally {
      close();
      if (result.isCancelled()) {
        cancelUnheard();
      }
    }
  }

  /**
   * The events for one subscriber, as many as it requests. Its calls come from a thread of this
   * stream. The request is cancelled when the subscription is. How long the subscriber takes to
   * request more does not count as silence.
   */
  public Flow.Publisher<TokenEvent> publisher() {
    return subscriber -> {
      try {
        handOver();
      } catch (IllegalStateException e) {
        TokenSubscription.refuse(subscriber, e);
        return;
      }
      new TokenSubscription(this, subscriber).start();
    };
  }

  private void handOver() {
    if (!handedOver.compareAndSet(false, true)) {
      throw new IllegalStateException("the stream of request " + id + " has a reader already");
    }
  }

  /**
   * Asks the nodes to end the request, which ends the stream with {@link FinishReason#CANCELLED},
   * or as it ended before the nodes heard of it.
   *
   * @throws KafkaUnavailableException when that could not be sent
   */
  public void cancel() {
    client.cancel(id);
  }

  /** Cancels where nobody is left who could be told of a failure. */
  void cancelUnheard() {
    client.tryToCancel(id);
  }

  /** Reads no further; the request itself goes on. From any thread, any number of times. */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      reader.remove(inbox);
      inbox.fail(new TokenStreamException("the stream of request " + id + " was closed"));
      onClose.run();
    }
  }
}
