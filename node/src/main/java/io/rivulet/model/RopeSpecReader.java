package io.rivulet.model;

import io.rivulet.kernels.RopeLayout;
import io.rivulet.model.Architecture.Trait;
import io.rivulet.model.Architecture.Window;
import io.rivulet.model.RopeScaling.Yarn;
import io.rivulet.model.gguf.ModelFileException;
import java.util.Optional;

/**
 * Reads how a model's positions turn. YaRN's defaults are those of the paper and of llama.cpp. What
 * LongRoPE divides frequencies by are tensors.
 */
final class RopeSpecReader {

  private static final String TYPE = "rope.scaling.type";
  private static final String BASE = "rope.freq_base";
  private static final double USUAL_BASE = 10_000;

  private final SpecKeys keys;
  private final Architecture architecture;
  private final RopeLayout layout;
  private final int headSize;
  private final int originalContext;

  private RopeSpecReader(
      SpecKeys keys, Architecture architecture, RopeLayout layout, int headSize, int context) {
    this.keys = keys;
    this.architecture = architecture;
    this.layout = layout;
    this.headSize = headSize;
    originalContext =
        keys.integer("rope.scaling.original_context_length", 1, Integer.MAX_VALUE, context);
  }

  static RopeSpec read(
      SpecKeys keys, Architecture architecture, RopeLayout layout, int headSize, int context) {
    return new RopeSpecReader(keys, architecture, layout, headSize, context).read();
  }

  private RopeSpec read() {
    double base = keys.positive(BASE, USUAL_BASE);
    RopeScaling global = scaling(base);
    return new RopeSpec(layout, dims(), originalContext, global, local(global));
  }

  private int dims() {
    String suffix = "rope.dimension_count";
    int dims = keys.integer(suffix, 2, headSize, headSize);
    if (dims % 2 != 0) {
      throw keys.invalid(suffix, "is %d, but elements turn in pairs".formatted(dims));
    }
    int local = keys.integer(suffix + "_swa", 2, headSize, dims);
    if (local != dims) {
      throw keys.invalid(
          suffix + "_swa", "is %d, but in other layers %d elements turn".formatted(local, dims));
    }
    return dims;
  }

  private RopeScaling local(RopeScaling global) {
    boolean same = architecture.window().map(Window::turnsAsGlobal).orElse(true);
    double base = keys.positive("rope.freq_base_swa", same ? global.base() : USUAL_BASE);
    return same
        ? new RopeScaling(base, global.factor(), global.magnitude(), global.yarn())
        : new RopeScaling(base, 1, 1, Optional.empty());
  }

  private RopeScaling scaling(double base) {
    String type = keys.text(TYPE, "linear");
    double factor = keys.positive("rope.scaling.factor", keys.positive("rope.scale_linear", 1));
    double magnitude = keys.positive("rope.scaling.attn_factor", 1);
    return switch (type) {
      case "none" -> new RopeScaling(base, 1, (float) magnitude, Optional.empty());
      case "linear" -> new RopeScaling(base, factor, (float) magnitude, Optional.empty());
      case "longrope" -> {
        if (!architecture.has(Trait.FREQUENCY_DIVISORS)) {
          throw keys.invalid(
              TYPE,
              "is 'longrope', which this version does not compute in %s models"
                  .formatted(architecture.name()));
        }
        yield new RopeScaling(base, factor, (float) magnitude, Optional.empty());
      }
      case "yarn" ->
          new RopeScaling(
              base, factor, (float) (magnitude * yarnMagnitude(factor)), Optional.of(yarn(base)));
      default ->
          throw keys.invalid(
              TYPE,
              "is %s, but this version computes only none, linear, yarn and longrope"
                  .formatted(ModelFileException.quote(type)));
    };
  }

  private double yarnMagnitude(double factor) {
    double usual = factor <= 1 ? 1 : 1 + 0.1 * StrictMath.log(factor);
    return keys.positive("rope.scaling.yarn_attn_factor", usual);
  }

  private Yarn yarn(double base) {
    if (base <= 1) {
      throw keys.invalid(BASE, "is %s, but YaRN needs more than 1".formatted(base));
    }
    return new Yarn(
        originalContext,
        keys.notNegative("rope.scaling.yarn_ext_factor", 1),
        keys.positive("rope.scaling.yarn_beta_fast", 32),
        keys.positive("rope.scaling.yarn_beta_slow", 1));
  }
}
