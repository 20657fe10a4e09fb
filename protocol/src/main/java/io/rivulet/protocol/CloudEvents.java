package io.rivulet.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;

/**
 * Headers of the CloudEvents 1.0 Kafka binding in binary mode, and the W3C trace context carried
 * from a request to what follows from it.
 */
public final class CloudEvents {

  public static final String SPEC_VERSION = "ce_specversion";
  public static final String TYPE = "ce_type";
  public static final String SOURCE = "ce_source";
  public static final String ID = "ce_id";
  public static final String TIME = "ce_time";
  public static final String CONTENT_TYPE = "content-type";

  private static final List<String> TRACE_CONTEXT = List.of("traceparent", "tracestate");

  private CloudEvents() {}

  /**
   * Adds the headers.
   *
   * @param source who sends, a URI reference such as {@code /rivulet/nodes/a}
   * @param id unique among what the source sends
   */
  public static void add(
      Headers headers, MessageType type, String source, String id, Instant time) {
    add(headers, SPEC_VERSION, "1.0");
    add(headers, TYPE, type.type());
    add(headers, SOURCE, source);
    add(headers, ID, id);
    add(headers, TIME, time.toString());
    add(headers, CONTENT_TYPE, "application/json");
  }

  /** Copies {@code traceparent} and {@code tracestate}, where there are any. */
  public static void carryTrace(Headers from, Headers to) {
    for (String name : TRACE_CONTEXT) {
      Header header = from.lastHeader(name);
      if (header != null) {
        to.add(name, header.value());
      }
    }
  }

  /** The last header of that name as text. */
  public static Optional<String> text(Headers headers, String name) {
    return Optional.ofNullable(headers.lastHeader(name))
        .map(Header::value)
        .map(value -> new String(value, UTF_8));
  }

  static void add(Headers headers, String name, String value) {
    headers.add(name, value.getBytes(UTF_8));
  }
}
