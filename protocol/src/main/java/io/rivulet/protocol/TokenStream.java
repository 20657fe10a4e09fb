package io.rivulet.protocol;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.concurrent.CancellationException;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;

/**
 * A request's events in order as they come, each index once, the terminal event last. For one
 * thread.
 *
 * <p>{@link #hasNext} and {@link #next} wait for the next event. They throw {@link
 * TokenStreamException} when none comes for as long as the client waits, or when tokens are missing
 * between two; {@link CancellationException} when the thread is interrupted, which stays so.
 */
public final class TokenStream implements Iterator<TokenEvent>, AutoCloseable {

  private static final Duration POLL = Duration.ofMillis(250);

  private final String id;
  private final Consumer<byte[], byte[]> consumer;
  private final Duration silence;
  private final TokenSequence sequence;
  private final ArrayDeque<TokenEvent> ready = new ArrayDeque<>();
  private long sentNanos = System.nanoTime();

  TokenStream(String id, Consumer<byte[], byte[]> consumer, Duration silence) {
    this.id = id;
    this.consumer = consumer;
    this.silence = silence;
    this.sequence = new TokenSequence(id);
  }

  /** The request's id. */
  public String id() {
    return id;
  }

  /** How long ago the prompt was sent. */
  public Duration sinceSent() {
    return Duration.ofNanos(System.nanoTime() - sentNanos);
  }

  void sending() {
    sentNanos = System.nanoTime();
  }

  @Override
  public boolean hasNext() {
    long waitingSince = System.nanoTime();
    while (ready.isEmpty() && !sequence.ended()) {
      if (System.nanoTime() - waitingSince > silence.toNanos()) {
        throw new TokenStreamException(
            "no token of request "
                + id
                + " came for "
                + silence.toSeconds()
                + " s: is a node running on these topics?");
      }
      poll();
    }
    return !ready.isEmpty();
  }

  @Override
  public TokenEvent next() {
    if (!hasNext()) {
      throw new NoSuchElementException("the stream of request " + id + " has ended");
    }
    return ready.remove();
  }

  private void poll() {
    try {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
        if (record.value() != null) {
          accept(record.value());
        }
      }
    } catch (InterruptException e) {
      var cancelled = new CancellationException("interrupted while reading request " + id);
      cancelled.initCause(e);
      throw cancelled;
    } catch (KafkaException e) {
      throw new TokenStreamException("request " + id + " cannot be read on: " + e.getMessage(), e);
    }
  }

  private void accept(byte[] value) {
    TokenEvent event;
    try {
      event = TokenEvent.fromJson(value);
    } catch (MalformedMessageException e) {
      // Not an event: were it one of this request, the gap it leaves would be found.
      return;
    }
    if (sequence.accept(event)) {
      ready.add(event);
    }
  }

  @Override
  public void close() {
    KafkaConnection.closeUninterrupted(consumer);
  }
}
