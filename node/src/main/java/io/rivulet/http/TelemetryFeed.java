package io.rivulet.http;

import io.rivulet.protocol.KafkaUnavailableException;
import io.rivulet.protocol.TelemetryEvent;
import io.rivulet.protocol.TelemetryReader;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the telemetry topic for all browsers. What goes wrong with Kafka passes: it tries again for
 * as long as it runs.
 */
final class TelemetryFeed implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(TelemetryFeed.class);
  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration CLOSE = Duration.ofSeconds(2);
  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(1);

  private final WebOptions options;
  private final Duration past;
  private final Consumer<List<TelemetryEvent>> sink;
  private final Thread thread = Thread.ofVirtual().name("telemetry-feed").unstarted(this::run);
  private final CountDownLatch stopping = new CountDownLatch(1);
  private boolean failed;

  private TelemetryFeed(WebOptions options, Duration past, Consumer<List<TelemetryEvent>> sink) {
    this.options = options;
    this.past = past;
    this.sink = sink;
  }

  /**
   * Starts to read.
   *
   * @param past how long ago the first reports are
   * @param sink is given what came, on a thread of this feed
   */
  static TelemetryFeed start(
      WebOptions options, Duration past, Consumer<List<TelemetryEvent>> sink) {
    var feed = new TelemetryFeed(options, past, sink);
    feed.thread.start();
    return feed;
  }

  private void run() {
    try {
      do {
        read();
      } while (!stopping.await(PAUSE_AFTER_FAILURE.toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void read() {
    try (var reader = TelemetryReader.open(options.kafka(), options.topics(), past)) {
      while (stopping.getCount() > 0) {
        List<TelemetryEvent> reports =
            reader.poll(POLL).stream().map(TelemetryReader.Received::event).toList();
        failed = false;
        if (!reports.isEmpty()) {
          sink.accept(reports);
        }
      }
    } catch (KafkaUnavailableException e) {
      if (!failed) {
        failed = true;
        log.warn("the page gets no telemetry for now: {}", e.getMessage());
      }
    }
  }

  /** Waits for the reading to end, but not for a Kafka that does not answer. */
  @Override
  public void close() {
    stopping.countDown();
    try {
      thread.join(CLOSE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
