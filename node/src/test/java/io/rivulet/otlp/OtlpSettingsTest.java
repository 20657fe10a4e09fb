package io.rivulet.otlp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.URI;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OtlpSettingsTest {

  private static final String ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT";

  @Test
  void nothingIsSentUnlessAnEndpointIsNamed() {
    var settings =
        OtlpSettings.of(Map.of("OTEL_SERVICE_NAME", "mine", "PATH", "/bin", ENDPOINT, ""));

    assertEquals(Optional.empty(), settings.metrics());
    assertEquals(Optional.empty(), settings.traces());
  }

  @Test
  void anEndpointGetsThePathOfEachSignalAndASignalsOwnIsTakenAsItIs() {
    var settings =
        OtlpSettings.of(
            Map.of(
                ENDPOINT,
                "http://here:4318/base/",
                "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
                "https://there:1/m"));

    assertEquals(Optional.of(URI.create("https://there:1/m")), settings.metrics());
    assertEquals(Optional.of(URI.create("http://here:4318/base/v1/traces")), settings.traces());
  }

  @Test
  void theOptionGoesBeforeTheEnvironment() {
    var settings =
        OtlpSettings.of(Map.of("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://there:1/t"))
            .withEndpoint("http://here:4318");

    assertEquals(Optional.of(URI.create("http://here:4318/v1/traces")), settings.traces());
    assertEquals(Optional.of(URI.create("http://here:4318/v1/metrics")), settings.metrics());
  }

  @Test
  void eachSignalCanBeSwitchedOff() {
    var settings =
        OtlpSettings.of(Map.of(ENDPOINT, "http://here:4318", "OTEL_METRICS_EXPORTER", "none"));

    assertEquals(Optional.empty(), settings.metrics());
    assertEquals(Optional.of(URI.create("http://here:4318/v1/traces")), settings.traces());
    assertEquals(
        Optional.empty(),
        OtlpSettings.of(Map.of(ENDPOINT, "http://here:4318", "OTEL_SDK_DISABLED", "true"))
            .traces());
  }

  @Test
  void headersAndAttributesArePairs() {
    var settings =
        OtlpSettings.of(
            Map.of(
                "OTEL_EXPORTER_OTLP_HEADERS",
                "authorization=Bearer%20a+b=, x=1,none",
                "OTEL_RESOURCE_ATTRIBUTES",
                "service.name=other,zone=a"));

    assertEquals(Map.of("authorization", "Bearer a+b=", "x", "1"), settings.metricsHeaders());
    assertEquals(
        Map.of("service.name", "other", "service.instance.id", "n", "zone", "a"),
        settings.resource("n"));
  }

  @Test
  void whatCannotBeUsedIsNamed() {
    assertEquals(
        "the OTLP endpoint must be a URL such as http://localhost:4318, was 'here:4318'"
            + " (OTEL_EXPORTER_OTLP_ENDPOINT)",
        assertThrows(
                IllegalArgumentException.class, () -> OtlpSettings.OFF.withEndpoint("here:4318"))
            .getMessage());
    assertEquals(
        "OTEL_EXPORTER_OTLP_PROTOCOL is 'grpc', but a node speaks http/protobuf alone: give it"
            + " that, and the collector's HTTP port",
        assertThrows(
                IllegalArgumentException.class,
                () -> OtlpSettings.of(Map.of("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")))
            .getMessage());
  }
}
