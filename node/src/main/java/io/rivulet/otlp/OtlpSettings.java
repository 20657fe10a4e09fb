package io.rivulet.otlp;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URI;
import java.net.URLDecoder;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Where and how metrics and traces are sent by OTLP: what OpenTelemetry's standard variables say
 * (https://opentelemetry.io/docs/specs/otel/protocol/exporter/). Without an endpoint among them
 * nothing is sent.
 *
 * @param variables by their names, such as {@code OTEL_EXPORTER_OTLP_ENDPOINT}
 */
public record OtlpSettings(Map<String, String> variables) {

  /** Nothing is sent. */
  public static final OtlpSettings OFF = new OtlpSettings(Map.of());

  private static final String PREFIX = "OTEL_";
  private static final String ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT";
  private static final String HEADERS = "OTEL_EXPORTER_OTLP_HEADERS";
  private static final String PROTOCOL = "http/protobuf";

  public OtlpSettings {
    variables = Map.copyOf(variables);
    String protocol = variables.getOrDefault("OTEL_EXPORTER_OTLP_PROTOCOL", PROTOCOL);
    if (!protocol.equals(PROTOCOL)) {
      throw new IllegalArgumentException(
          "OTEL_EXPORTER_OTLP_PROTOCOL is '%s', but a node speaks %s alone: give it that, and the collector's HTTP port"
              .formatted(protocol, PROTOCOL));
    }
    for (String name : List.of(ENDPOINT, endpointOf("METRICS"), endpointOf("TRACES"))) {
      uri(variables, name);
    }
  }

  /** What an environment says. */
  public static OtlpSettings of(Map<String, String> environment) {
    return new OtlpSettings(
        environment.entrySet().stream()
            .filter(variable -> variable.getKey().startsWith(PREFIX))
            .filter(variable -> !variable.getValue().isBlank())
            .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)));
  }

  /**
   * Everything goes to this collector, {@code http://host:4318} say, whatever the variables say.
   */
  public OtlpSettings withEndpoint(String endpoint) {
    var changed = new HashMap<>(variables);
    changed.remove(endpointOf("METRICS"));
    changed.remove(endpointOf("TRACES"));
    changed.put(ENDPOINT, endpoint);
    return new OtlpSettings(changed);
  }

  /** Where metrics go; absent where they are not sent. */
  public Optional<URI> metrics() {
    return endpoint("METRICS");
  }

  /** Where traces go; absent where they are not sent. */
  public Optional<URI> traces() {
    return endpoint("TRACES");
  }

  /** What each request for metrics carries besides, such as a token. */
  public Map<String, String> metricsHeaders() {
    return pairs(variables.getOrDefault("OTEL_EXPORTER_OTLP_METRICS_HEADERS", text(HEADERS)));
  }

  /** What is known of the node as a resource: a service and who it is. */
  public Map<String, String> resource(String node) {
    var attributes = new LinkedHashMap<String, String>();
    attributes.put("service.name", "rivulet");
    attributes.put("service.instance.id", node);
    attributes.putAll(pairs(text("OTEL_RESOURCE_ATTRIBUTES")));
    Optional.ofNullable(variables.get("OTEL_SERVICE_NAME"))
        .ifPresent(name -> attributes.put("service.name", name));
    return attributes;
  }

  private Optional<URI> endpoint(String signal) {
    boolean off =
        text("OTEL_SDK_DISABLED").equalsIgnoreCase("true")
            || text("OTEL_" + signal + "_EXPORTER").equals("none");
    return off
        ? Optional.empty()
        : uri(variables, endpointOf(signal))
            .or(() -> uri(variables, ENDPOINT).map(base -> under(base, signal)));
  }

  private static URI under(URI base, String signal) {
    String text = base.toString();
    return URI.create(
        (text.endsWith("/") ? text : text + "/") + "v1/" + signal.toLowerCase(Locale.ROOT));
  }

  private static String endpointOf(String signal) {
    return "OTEL_EXPORTER_OTLP_" + signal + "_ENDPOINT";
  }

  private static Optional<URI> uri(Map<String, String> variables, String name) {
    return Optional.ofNullable(variables.get(name)).map(text -> uri(name, text));
  }

  private static URI uri(String name, String text) {
    try {
      URI uri = URI.create(text);
      if (uri.getHost() != null && text.matches("https?://.*")) {
        return uri;
      }
    } catch (IllegalArgumentException e) {
      // Said below.
    }
    throw new IllegalArgumentException(
        "the OTLP endpoint must be a URL such as http://localhost:4318, was '%s' (%s)"
            .formatted(text, name));
  }

  private String text(String name) {
    return variables.getOrDefault(name, "");
  }

  /** Pairs such as {@code a=1,b=2}; what is none is passed over. */
  private static Map<String, String> pairs(String text) {
    var pairs = new LinkedHashMap<String, String>();
    for (String pair : text.split(",", -1)) {
      int equals = pair.indexOf('=');
      if (equals > 0) {
        pairs.put(
            pair.substring(0, equals).strip(),
            URLDecoder.decode(pair.substring(equals + 1).strip().replace("+", "%2B"), UTF_8));
      }
    }
    return pairs;
  }
}
