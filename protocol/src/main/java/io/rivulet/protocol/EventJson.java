package io.rivulet.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** What nodes send, as JSON. */
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

  static byte[] write(TelemetryEvent event) {
    var json = JsonNodeFactory.instance.objectNode();
    json.put("node", event.node());
    json.put("time", event.time().toString());
    switch (event) {
      case SparsityReport report -> write(report, json);
      case NodeReport report -> write(report, json);
    }
    return json.toString().getBytes(UTF_8);
  }

  private static void write(SparsityReport report, ObjectNode json) {
    report.requestId().ifPresent(id -> json.put("request_id", id));
    json.put("window_ms", millis(report.window()));
    SparsityJson.write(report, json);
  }

  private static void write(NodeReport report, ObjectNode json) {
    json.put("model", report.model())
        .put("uptime_ms", millis(report.uptime()))
        .put("waiting", report.waiting())
        .put("longest_wait_ms", millis(report.longestWait()))
        .put("running", report.running())
        .put("capacity", report.capacity())
        .put("kv_tokens_used", report.kvTokensUsed())
        .put("kv_tokens_capacity", report.kvTokensCapacity())
        .put("prompt_tokens", report.promptTokens())
        .put("generated_tokens", report.generatedTokens())
        .put("tokens_per_second", report.tokensPerSecond());
    json.putObject("prefix_cache")
        .put("tokens_looked_up", report.prefixCache().tokensLookedUp())
        .put("tokens_reused", report.prefixCache().tokensReused())
        .put("tokens_cached", report.prefixCache().tokensCached())
        .put("tokens_evicted", report.prefixCache().tokensEvicted());
  }

  static SparsityReport readSparsityReport(byte[] value) {
    Fields fields = Fields.parse(value, "the sparsity report");
    return new SparsityReport(
        fields.requiredText("node"),
        fields.requiredInstant("time"),
        fields.text("request_id"),
        fields.requiredMillis("window_ms"),
        SparsityJson.readFigures(fields),
        SparsityJson.readLayers(fields));
  }

  static NodeReport readNodeReport(byte[] value) {
    Fields fields = Fields.parse(value, "the node report");
    return new NodeReport(
        fields.requiredText("node"),
        fields.requiredInstant("time"),
        fields.requiredText("model"),
        fields.requiredMillis("uptime_ms"),
        fields.requiredInteger("waiting", 0, MAX_INT),
        fields.millis("longest_wait_ms").orElse(Duration.ZERO),
        fields.requiredInteger("running", 0, MAX_INT),
        fields.requiredInteger("capacity", 0, MAX_INT),
        fields.requiredCount("kv_tokens_used"),
        fields.requiredCount("kv_tokens_capacity"),
        fields.requiredCount("prompt_tokens"),
        fields.requiredCount("generated_tokens"),
        fields.requiredNumber("tokens_per_second", 0, Double.MAX_VALUE),
        fields
            .child("prefix_cache")
            .map(EventJson::readPrefixCache)
            .orElse(PrefixCacheReport.NONE));
  }

  private static PrefixCacheReport readPrefixCache(Fields fields) {
    return new PrefixCacheReport(
        fields.requiredCount("tokens_looked_up"),
        fields.requiredCount("tokens_reused"),
        fields.requiredCount("tokens_cached"),
        fields.requiredCount("tokens_evicted"));
  }

  private static double millis(Duration duration) {
    return duration.toNanos() / NANOS_PER_MILLI;
  }
}
