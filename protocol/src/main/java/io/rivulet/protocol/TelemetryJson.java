package io.rivulet.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** What nodes report, as JSON. */
final class TelemetryJson {

  private static final int MAX_INT = Integer.MAX_VALUE;
  private static final int MOST_BOUNDS = 1000;

  /** What reports without a version are. */
  private static final int FIRST_VERSION = 1;

  private TelemetryJson() {}

  static byte[] write(TelemetryEvent event) {
    var json = JsonNodeFactory.instance.objectNode();
    json.put("version", event.version())
        .put("node", event.node())
        .put("time", event.time().toString());
    switch (event) {
      case SparsityReport report -> write(report, json);
      case NodeReport report -> write(report, json);
    }
    return json.toString().getBytes(UTF_8);
  }

  private static void write(SparsityReport report, ObjectNode json) {
    json.put("model", report.model())
        .put("window_ms", EventJson.millis(report.window()))
        .put("tokens", report.tokens());
    SparsityJson.write(report.all(), json);
    var bounds = json.putArray("density_bounds");
    report.densityBounds().forEach(bounds::add);
    var layers = json.putArray("layers");
    report.layers().forEach(layer -> SparsityJson.write(layer, layers.addObject()));
  }

  private static void write(NodeReport report, ObjectNode json) {
    json.put("model", report.model())
        .put("interval_ms", EventJson.millis(report.interval()))
        .put("window_ms", EventJson.millis(report.window()))
        .put("uptime_ms", EventJson.millis(report.uptime()))
        .put("waiting", report.waiting())
        .put("longest_wait_ms", EventJson.millis(report.longestWait()))
        .put("running", report.running())
        .put("capacity", report.capacity())
        .put("kv_tokens_used", report.kvTokensUsed())
        .put("kv_tokens_capacity", report.kvTokensCapacity())
        .put("prompt_tokens", report.promptTokens())
        .put("generated_tokens", report.generatedTokens())
        .put("tokens_per_second", hundredths(report.tokensPerSecond()))
        .put("prefill_tokens_per_second", hundredths(report.prefillTokensPerSecond()));
    report.batchSize().ifPresent(size -> json.put("batch_size", hundredths(size)));
    json.put("threads", report.threads())
        .put("weight_bytes_per_second", report.weightBytesPerSecond())
        .put("sparsity", report.sparsity().name().toLowerCase(Locale.ROOT));
    json.putObject("prefix_cache")
        .put("tokens_looked_up", report.prefixCache().tokensLookedUp())
        .put("tokens_reused", report.prefixCache().tokensReused())
        .put("tokens_cached", report.prefixCache().tokensCached())
        .put("tokens_evicted", report.prefixCache().tokensEvicted());
    write(report.timeToFirstToken(), json.putObject("time_to_first_token"));
    write(report.timePerOutputToken(), json.putObject("time_per_output_token"));
    write(report.queueTime(), json.putObject("queue_time"));
    json.putObject("finished")
        .put("stop", report.finished().stop())
        .put("length", report.finished().length())
        .put("cancelled", report.finished().cancelled())
        .put("deadline", report.finished().deadline())
        .put("error", report.finished().error());
  }

  private static void write(TimeHistogram times, ObjectNode json) {
    var bounds = json.putArray("bounds_ms");
    times.boundsMs().forEach(bounds::add);
    var counts = json.putArray("counts");
    times.counts().forEach(counts::add);
    json.put("sum_ms", EventJson.millis(times.sum()));
  }

  /** Rates and means need no more digits. */
  private static double hundredths(double value) {
    return Math.round(value * 100) / 100.0;
  }

  static SparsityReport readSparsityReport(byte[] value) {
    Fields fields = Fields.parse(value, "the sparsity report");
    return new SparsityReport(
        version(fields),
        fields.requiredText("node"),
        fields.requiredInstant("time"),
        fields.text("model").orElse(""),
        fields.requiredMillis("window_ms"),
        fields.integer("tokens", 0L, Long.MAX_VALUE).orElse(0),
        SparsityJson.readFigures(fields),
        fields.value("density_bounds").isPresent() ? fields.numbers("density_bounds") : List.of(),
        SparsityJson.readLayers(fields));
  }

  static NodeReport readNodeReport(byte[] value) {
    Fields fields = Fields.parse(value, "the node report");
    return new NodeReport(
        version(fields),
        fields.requiredText("node"),
        fields.requiredInstant("time"),
        fields.requiredText("model"),
        fields.millis("interval_ms").orElse(Duration.ofSeconds(1)),
        fields.millis("window_ms").orElse(Duration.ofSeconds(1)),
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
        fields.number("prefill_tokens_per_second", 0, Double.MAX_VALUE).orElse(0.0),
        fields.number("batch_size", 0, Double.MAX_VALUE),
        fields.integer("threads", 0, MAX_INT).orElse(0),
        fields.integer("weight_bytes_per_second", 0L, Long.MAX_VALUE).orElse(0),
        fields.constant("sparsity", Sparsity.class).orElse(Sparsity.EXACT),
        fields
            .child("prefix_cache")
            .map(TelemetryJson::readPrefixCache)
            .orElse(PrefixCacheReport.NONE),
        readTimes(fields, "time_to_first_token"),
        readTimes(fields, "time_per_output_token"),
        readTimes(fields, "queue_time"),
        fields.child("finished").map(TelemetryJson::readFinished).orElse(FinishedRequests.NONE));
  }

  private static int version(Fields fields) {
    return fields.integer("version", 1, MAX_INT).orElse(FIRST_VERSION);
  }

  private static PrefixCacheReport readPrefixCache(Fields fields) {
    return new PrefixCacheReport(
        fields.requiredCount("tokens_looked_up"),
        fields.requiredCount("tokens_reused"),
        fields.requiredCount("tokens_cached"),
        fields.requiredCount("tokens_evicted"));
  }

  private static TimeHistogram readTimes(Fields fields, String name) {
    return fields.child(name).map(TelemetryJson::readTimes).orElse(TimeHistogram.NONE);
  }

  private static TimeHistogram readTimes(Fields fields) {
    List<Double> bounds = fields.numbers("bounds_ms");
    List<Long> counts = fields.counts("counts", MOST_BOUNDS);
    if (counts.size() != bounds.size() + 1) {
      throw new MalformedMessageException(
          fields.path()
              + "counts must have one element more than bounds_ms, "
              + (bounds.size() + 1)
              + ", had "
              + counts.size());
    }
    return new TimeHistogram(bounds, counts, fields.requiredMillis("sum_ms"));
  }

  private static FinishedRequests readFinished(Fields fields) {
    return new FinishedRequests(
        fields.requiredCount("stop"),
        fields.requiredCount("length"),
        fields.requiredCount("cancelled"),
        fields.requiredCount("deadline"),
        fields.requiredCount("error"));
  }
}
