package io.rivulet.metrics;

import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.rivulet.engine.GenerationResult;
import java.time.Duration;

/**
 * How requests went, under the names of the OpenTelemetry semantic conventions for GenAI 1.41.0.
 * Recorded once a request, at its end. Thread-safe.
 */
public final class RequestMetrics {

  /** Who generates, as the conventions ask. */
  public static final String PROVIDER = "rivulet";

  private final MeterRegistry registry;
  private final String model;

  RequestMetrics(MeterRegistry registry, String model) {
    this.registry = registry;
    this.model = model;
  }

  /**
   * A request came to an end.
   *
   * @param duration from the node's taking it until Kafka had all of the answer
   */
  public void ended(Operation operation, Outcome outcome, Duration duration) {
    Timer.builder("gen_ai.server.request.duration")
        .description("from the node's taking a request until its answer is published")
        .tags(tags(operation).and("error.type", outcome.errorType()))
        .serviceLevelObjectives(Buckets.REQUEST)
        .register(registry)
        .record(duration);
  }

  /**
   * An answer was generated.
   *
   * @param earlier tokens of it that an earlier attempt generated
   */
  public void generated(Operation operation, GenerationResult result, int earlier) {
    Tags tags = tags(operation);
    int tokens = result.generatedTokens() - earlier;
    tokens(tags, "input", result.promptTokens());
    tokens(tags, "output", tokens);
    if (tokens > 0) {
      Timer.builder("gen_ai.server.time_to_first_token")
          .description("from the node's taking a request to its first token, queue included")
          .tags(tags)
          .serviceLevelObjectives(Buckets.FIRST_TOKEN)
          .register(registry)
          .record(result.queued().plus(result.prefill()));
    }
    if (tokens > 1) {
      Timer.builder("gen_ai.server.time_per_output_token")
          .description("mean time of a request's tokens after the first")
          .tags(tags)
          .serviceLevelObjectives(Buckets.NEXT_TOKEN)
          .register(registry)
          .record(result.decode().dividedBy(tokens - 1));
    }
  }

  private void tokens(Tags tags, String type, int count) {
    DistributionSummary.builder("gen_ai.client.token.usage")
        .description("tokens of a request")
        .tags(tags.and("gen_ai.token.type", type))
        .serviceLevelObjectives(Buckets.TOKENS)
        .register(registry)
        .record(count);
  }

  private Tags tags(Operation operation) {
    return Tags.of(
        "gen_ai.operation.name", operation.text(),
        "gen_ai.provider.name", PROVIDER,
        "gen_ai.request.model", model);
  }
}
