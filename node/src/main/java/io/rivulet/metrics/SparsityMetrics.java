package io.rivulet.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.BaseUnits;
import io.rivulet.engine.AuditBounds;
import io.rivulet.engine.Engine;
import io.rivulet.engine.NeuronActivity;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.function.IntToDoubleFunction;
import java.util.function.ToDoubleFunction;

/**
 * How sparsely each layer computes: shares over about the last minute, and totals. A layer is named
 * by its number.
 */
final class SparsityMetrics {

  private static final String LAYER = "layer";

  private final MeterRegistry registry;
  private final int layers;
  private final Latest<List<NeuronActivity>> totals;
  private final Latest<List<NeuronActivity>> minute;
  private final Latest<List<Integer>> fallenBack;
  private final List<AuditBounds> bounds;

  private SparsityMetrics(MeterRegistry registry, Engine engine) {
    this.registry = registry;
    totals = new Latest<>(engine::layerActivity);
    minute = new Latest<>(new Window<>(engine::layerActivity, NeuronActivity::minus));
    fallenBack = new Latest<>(engine::fallenBack);
    bounds = engine.auditBounds();
    layers = totals.get().size();
  }

  static void bind(MeterRegistry registry, Engine engine) {
    new SparsityMetrics(registry, engine).bind();
  }

  private void bind() {
    share(
        "rivulet.sparsity.density",
        "share of neurons read over the last minute",
        each -> each.tokens() == 0 ? OptionalDouble.empty() : OptionalDouble.of(each.density()));
    share(
        "rivulet.sparsity.predicted.density",
        "share of neurons that a predictor named over the last minute",
        NeuronActivity::predictedDensity);
    share(
        "rivulet.sparsity.recall",
        "share of the active neurons that were named, by the audits of the last minute",
        each -> each.audits().recall());
    share(
        "rivulet.sparsity.cett",
        "mean share of an FFN's result that was left out, by the audits of the last minute",
        each -> each.audits().meanCett());
    counter("rivulet.sparsity.audits", "audits", each -> each.audits().audits());
    counter(
        "rivulet.sparsity.fallbacks",
        "tokens computed exactly since their answer's audits do not trust the layer",
        NeuronActivity::fallbacks);
    bytes(
        "rivulet.sparsity.read",
        "FFN weights that tokens needed, each as if computed alone",
        each -> each.bytes().read());
    bytes(
        "rivulet.sparsity.skipped",
        "FFN weights that a dense model would have read besides",
        each -> each.bytes().skipped());
    gauge(
        "rivulet.sparsity.recall.floor",
        "recall that an answer's audits must find, or the layer is computed exactly for it",
        layer -> bounds.get(layer).recallFloor().orElse(Double.NaN));
    gauge(
        "rivulet.sparsity.cett.ceiling",
        "CETT that an answer's audits must not exceed, or the layer is computed exactly for it",
        layer -> bounds.get(layer).cettCeiling().orElse(Double.NaN));
    gauge(
        "rivulet.sparsity.fallen.back",
        "running requests that the layer is computed exactly for, since audits do not trust it",
        layer -> fallenBack.get().get(layer));
  }

  /** Not a number where nothing was seen. */
  private void share(
      String name, String description, Function<NeuronActivity, OptionalDouble> value) {
    gauge(name, description, layer -> value.apply(minute.get().get(layer)).orElse(Double.NaN));
  }

  /** A gauge for each layer. */
  private void gauge(String name, String description, IntToDoubleFunction value) {
    for (int layer = 0; layer < layers; layer++) {
      int each = layer;
      Gauge.builder(name, value, of -> of.applyAsDouble(each))
          .description(description)
          .tag(LAYER, Integer.toString(layer))
          .strongReference(true)
          .register(registry);
    }
  }

  private void counter(String name, String description, ToDoubleFunction<NeuronActivity> value) {
    total(name, description, Optional.empty(), value);
  }

  private void bytes(String name, String description, ToDoubleFunction<NeuronActivity> value) {
    total(name, description, Optional.of(BaseUnits.BYTES), value);
  }

  /** A counter for each layer. */
  private void total(
      String name,
      String description,
      Optional<String> unit,
      ToDoubleFunction<NeuronActivity> value) {
    for (int layer = 0; layer < layers; layer++) {
      int each = layer;
      FunctionCounter.Builder<?> builder =
          FunctionCounter.builder(name, totals, now -> value.applyAsDouble(now.get().get(each)))
              .description(description)
              .tag(LAYER, Integer.toString(layer));
      unit.ifPresent(builder::baseUnit);
      builder.register(registry);
    }
  }
}
