package io.rivulet.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.rivulet.engine.Engine;
import io.rivulet.engine.NeuronActivity;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.Function;
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

  private SparsityMetrics(MeterRegistry registry, Engine engine) {
    this.registry = registry;
    totals = new Latest<>(engine::layerActivity);
    minute = new Latest<>(new Window<>(engine::layerActivity, SparsityMetrics::minus));
    layers = totals.get().size();
  }

  static void bind(MeterRegistry registry, Engine engine) {
    new SparsityMetrics(registry, engine).bind();
  }

  private static List<NeuronActivity> minus(List<NeuronActivity> now, List<NeuronActivity> then) {
    var window = new ArrayList<NeuronActivity>();
    for (int layer = 0; layer < now.size(); layer++) {
      window.add(now.get(layer).minus(then.get(layer)));
    }
    return window;
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
        "tokens computed exactly since the layer was not trusted",
        NeuronActivity::fallbacks);
  }

  /** A gauge for each layer; not a number where nothing was seen. */
  private void share(
      String name, String description, Function<NeuronActivity, OptionalDouble> value) {
    for (int layer = 0; layer < layers; layer++) {
      int each = layer;
      Gauge.builder(name, minute, now -> value.apply(now.get().get(each)).orElse(Double.NaN))
          .description(description)
          .tag(LAYER, Integer.toString(layer))
          .strongReference(true)
          .register(registry);
    }
  }

  private void counter(String name, String description, ToDoubleFunction<NeuronActivity> value) {
    for (int layer = 0; layer < layers; layer++) {
      int each = layer;
      FunctionCounter.builder(name, totals, now -> value.applyAsDouble(now.get().get(each)))
          .description(description)
          .tag(LAYER, Integer.toString(layer))
          .register(registry);
    }
  }
}
