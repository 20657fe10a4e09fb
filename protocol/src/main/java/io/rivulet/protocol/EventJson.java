package io.rivulet.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Token events as JSON. */
final class EventJson {

  private static final double NANOS_PER_MILLI = 1_000_000;
  private static final int MAX_INT = Integer.MAX_VALUE;

  private EventJson() {}

  static byte[] write(TokenEvent event) {
    var json = JsonNodeFactory.instance.objectNode();
    json.put("id", event.id());
    json.put("attempt", event.attempt());
    json.put("index", event.index());
    var tokenIds = json.putArray("token_ids");
    event.tokenIds().forEach(tokenIds::add);
    json.put("text", event.text());
    event.logprobs().ifPresent(logprobs -> LogprobsJson.write(logprobs, json));
    event.density().ifPresent(density -> json.put("density", SparsityJson.share(density)));
    json.put("node", event.node());
    event
        .completion()
        .ifPresentOrElse(end -> write(end, json), () -> json.putNull("finish_reason"));
    return json.toString().getBytes(UTF_8);
  }

  private static void write(Completion end, ObjectNode json) {
    json.put("finish_reason", end.finishReason().name().toLowerCase(Locale.ROOT));
    end.usage().ifPresent(usage -> write(usage, json.putObject("usage")));
    end.sparsity().ifPresent(sparsity -> SparsityJson.write(sparsity, json.putObject("sparsity")));
    json.putObject("timings")
        .put("queue_ms", millis(end.timings().queue()))
        .put("prefill_ms", millis(end.timings().prefill()))
        .put("decode_ms", millis(end.timings().decode()));
    end.error().ifPresent(error -> json.put("error", error));
  }

  private static void write(Usage usage, ObjectNode json) {
    json.put("prompt_tokens", usage.promptTokens())
        .put("completion_tokens", usage.completionTokens())
        .put("total_tokens", usage.totalTokens());
    json.putObject("prompt_tokens_details").put("cached_tokens", usage.cachedTokens());
  }

  static TokenEvent readToken(byte[] value) {
    Fields fields = Fields.parse(value, "the token event");
    return new TokenEvent(
        fields.requiredText("id"),
        fields.requiredInteger("attempt", 1, MAX_INT),
        fields.requiredInteger("index", 0, MAX_INT),
        fields.integers("token_ids"),
        fields.requiredText("text"),
        LogprobsJson.read(fields),
        fields.number("density", 0, 1),
        fields.requiredText("node"),
        fields
            .constant("finish_reason", FinishReason.class)
            .map(reason -> readCompletion(fields, reason)));
  }

  private static Completion readCompletion(Fields fields, FinishReason reason) {
    Optional<String> error =
        reason == FinishReason.ERROR
            ? Optional.of(fields.text("error").orElse("no reason given"))
            : Optional.empty();
    return new Completion(
        reason,
        fields.child("usage").map(EventJson::readUsage),
        fields.child("sparsity").map(SparsityJson::readRequest),
        fields.child("timings").map(EventJson::readTimings).orElse(Timings.NONE),
        error);
  }

  private static Usage readUsage(Fields fields) {
    return new Usage(
        fields.requiredInteger("prompt_tokens", 0, MAX_INT),
        fields
            .child("prompt_tokens_details")
            .map(details -> details.integer("cached_tokens", 0, MAX_INT).orElse(0))
            .orElse(0),
        fields.requiredInteger("completion_tokens", 0, MAX_INT));
  }

  private static Timings readTimings(Fields fields) {
    return new Timings(
        fields.requiredMillis("queue_ms"),
        fields.requiredMillis("prefill_ms"),
        fields.requiredMillis("decode_ms"));
  }

  /** To the nanosecond. */
  static double millis(Duration duration) {
    return duration.toNanos() / NANOS_PER_MILLI;
  }
}
