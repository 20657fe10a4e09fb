package io.rivulet.http;

import io.vertx.core.http.HttpServerResponse;
import java.time.Instant;
import java.util.Optional;

/**
 * One browser that reads telemetry: it gets what is kept, then what comes, as fast as it takes it.
 * One that takes nothing for two heartbeats, or falls back behind what is kept, is dropped; it will
 * come back by itself. For one thread.
 */
final class TelemetryBrowser {

  private final TelemetryHistory history;
  private final HttpServerResponse response;

  /** The number of the last event written. */
  private long last;

  private boolean stalled;

  /**
   * Begins the stream.
   *
   * @param last the number of the last event that the browser has seen
   */
  TelemetryBrowser(TelemetryHistory history, HttpServerResponse response, long last) {
    this.history = history;
    this.response = response;
    this.last = last;
    EventStream.begin(response);
    clock();
    response.drainHandler(drained -> pump());
  }

  /** Writes what there is, until the browser's buffer is full. */
  void pump() {
    while (!response.writeQueueFull()) {
      stalled = false;
      Optional<TelemetryHistory.Entry> next = history.after(last);
      if (next.isEmpty()) {
        return;
      }
      last = next.get().number();
      var _ = response.write(next.get().event());
    }
    if (history.isPast(last)) {
      drop();
    }
  }

  void heartbeat() {
    if (!response.writeQueueFull()) {
      clock();
    } else if (stalled) {
      drop();
    } else {
      stalled = true;
    }
  }

  /** Tells the time here: the browser's own clock may be wrong. */
  private void clock() {
    String time = "{\"time\":\"" + Instant.now() + "\"}";
    var _ = response.write(EventStream.event("clock", time));
  }

  private void drop() {
    var _ = response.reset();
  }
}
