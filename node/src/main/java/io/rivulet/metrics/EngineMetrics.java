package io.rivulet.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.BaseUnits;
import io.rivulet.engine.Engine;
import io.rivulet.engine.EngineLoad;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/** Queue, batch, cache and running totals of the engine, read when somebody asks. */
final class EngineMetrics {

  private final MeterRegistry registry;
  private final Latest<EngineLoad> load;

  private EngineMetrics(MeterRegistry registry, Engine engine) {
    this.registry = registry;
    load = new Latest<>(engine::load);
  }

  static void bind(MeterRegistry registry, Engine engine) {
    new EngineMetrics(registry, engine).bind();
  }

  private void bind() {
    gauge(
        "rivulet.queue.waiting",
        "requests that have no place in the batch yet",
        EngineLoad::waiting);
    TimeGauge.builder(
            "rivulet.queue.age",
            load,
            TimeUnit.NANOSECONDS,
            each -> each.get().longestWait().toNanos())
        .description("how long the request has waited that came first")
        .strongReference(true)
        .register(registry);
    gauge("rivulet.batch.running", "requests in the batch", EngineLoad::running);
    gauge("rivulet.batch.capacity", "requests that fit the batch", EngineLoad::capacity);
    gauge(
        "rivulet.kv.used",
        "positions of the key-value cache that running requests hold or may come to need",
        EngineLoad::kvTokensUsed);
    gauge("rivulet.kv.capacity", "positions of the key-value cache", EngineLoad::kvTokensCapacity);
    counter("rivulet.tokens.prompt", "prompt tokens computed", EngineLoad::promptTokens);
    counter("rivulet.tokens.generated", "tokens generated", EngineLoad::generatedTokens);
    counter("rivulet.steps", "steps of the engine", each -> each.steps().all());
    counter(
        "rivulet.steps.decoding",
        "steps that went on with answers",
        each -> each.steps().decoding());
    counter(
        "rivulet.steps.answers",
        "answers that steps went on with, added up over the steps",
        each -> each.steps().answers());
    FunctionCounter.builder("rivulet.weights.read", load, each -> each.get().steps().weightBytes())
        .description("weights that steps read from memory")
        .baseUnit(BaseUnits.BYTES)
        .register(registry);
    gauge("rivulet.threads", "threads that compute", EngineLoad::threads);
    counter(
        "rivulet.prefix.cache.looked.up",
        "prompt tokens that were looked up in the prefix cache",
        each -> each.prefixCache().lookedUp());
    counter(
        "rivulet.prefix.cache.reused",
        "prompt tokens whose keys and values were found",
        each -> each.prefixCache().reused());
    counter(
        "rivulet.prefix.cache.evicted",
        "tokens that gave way in the prefix cache",
        each -> each.prefixCache().evicted());
    gauge(
        "rivulet.prefix.cache.cached",
        "tokens whose keys and values can be found",
        each -> each.prefixCache().cached());
  }

  private void gauge(String name, String description, ToDoubleFunction<EngineLoad> value) {
    Gauge.builder(name, load, each -> value.applyAsDouble(each.get()))
        .description(description)
        .strongReference(true)
        .register(registry);
  }

  private void counter(String name, String description, ToDoubleFunction<EngineLoad> value) {
    FunctionCounter.builder(name, load, each -> value.applyAsDouble(each.get()))
        .description(description)
        .register(registry);
  }
}
