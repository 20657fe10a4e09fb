package io.rivulet.cli;

import io.rivulet.otlp.OtlpSettings;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Where metrics and traces are sent. */
final class OtlpOption {

  @Option(
      names = "--otlp-endpoint",
      paramLabel = "URL",
      description = {
        "Send metrics and traces to an OpenTelemetry collector, by HTTP, such as",
        "http://localhost:4318. OTEL_EXPORTER_OTLP_ENDPOINT and OpenTelemetry's other variables do",
        "so as well. Default: nothing is sent."
      })
  private Optional<String> endpoint = Optional.empty();

  /** What the option and the environment say. */
  OtlpSettings settings() {
    OtlpSettings environment = OtlpSettings.of(System.getenv());
    return endpoint.map(environment::withEndpoint).orElse(environment);
  }
}
