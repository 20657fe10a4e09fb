package io.rivulet.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.util.OptionalLong;

/** Server-sent events, as the HTML standard writes them (section 9.2). */
final class EventStream {

  /** How often something is written at least, so that both sides see whether the other is there. */
  static final Duration HEARTBEAT = Duration.ofSeconds(10);

  private static final Buffer COMMENT = Buffer.buffer(": still here\n\n");

  private EventStream() {}

  static void begin(HttpServerResponse response) {
    var _ =
        response
            .setChunked(true)
            .putHeader(HttpHeaders.CONTENT_TYPE, "text/event-stream")
            .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
            // Proxies such as nginx would collect events otherwise.
            .putHeader("X-Accel-Buffering", "no")
            .write(COMMENT);
  }

  static void heartbeat(HttpServerResponse response) {
    var _ = response.write(COMMENT);
  }

  /**
   * An event.
   *
   * @param id what a reader that comes back says it has seen
   * @param json of one line
   */
  static Buffer event(String name, OptionalLong id, byte[] json) {
    Buffer event = Buffer.buffer(json.length + 64).appendString("event: " + name + "\n");
    id.ifPresent(number -> event.appendString("id: " + number + "\n"));
    return event.appendString("data: ").appendBytes(json).appendString("\n\n");
  }

  /** An event without an id. */
  static Buffer event(String name, String json) {
    return event(name, OptionalLong.empty(), json.getBytes(UTF_8));
  }
}
