package io.rivulet.http;

import io.rivulet.protocol.TelemetryEvent;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Streams telemetry to browsers, so many at once and no more. For one thread. */
final class TelemetryRoute {

  /** How much a new browser gets to see of what was. */
  static final Duration KEPT = Duration.ofMinutes(10);

  private static final long MOST_BYTES = 16L << 20;
  private static final int MOST_BROWSERS = 100;

  private final TelemetryHistory history = new TelemetryHistory(KEPT, MOST_BYTES);
  private final Set<TelemetryBrowser> browsers = new HashSet<>();

  TelemetryRoute(Vertx vertx) {
    vertx.setPeriodic(
        EventStream.HEARTBEAT.toMillis(),
        timer -> List.copyOf(browsers).forEach(TelemetryBrowser::heartbeat));
  }

  /** Takes reports to keep and to pass on. */
  void accept(List<TelemetryEvent> reports) {
    reports.forEach(history::add);
    List.copyOf(browsers).forEach(TelemetryBrowser::pump);
  }

  void handle(HttpServerRequest call) {
    if (browsers.size() >= MOST_BROWSERS) {
      call.response().putHeader("Retry-After", "10");
      new ApiError(
              503,
              "telemetry",
              MOST_BROWSERS + " browsers read it already",
              "try again when one has left, or ask another node")
          .send(call.response());
      return;
    }
    var browser = new TelemetryBrowser(history, call.response(), lastSeen(call));
    browsers.add(browser);
    call.response().closeHandler(closed -> browsers.remove(browser));
    call.response().exceptionHandler(failure -> browsers.remove(browser));
    browser.pump();
  }

  private static long lastSeen(HttpServerRequest call) {
    String last = call.getHeader("Last-Event-ID");
    try {
      return last == null ? 0 : Long.parseLong(last);
    } catch (NumberFormatException e) {
      return 0;
    }
  }
}
