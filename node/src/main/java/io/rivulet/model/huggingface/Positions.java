package io.rivulet.model.huggingface;

import static io.rivulet.model.gguf.ModelFileException.quote;

import io.rivulet.model.gguf.GgufWriter;
import io.rivulet.model.huggingface.Family.Trait;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

/**
 * Translates how positions turn: keys, and the tensors that divide frequencies. Formulas are those
 * of transformers' modeling_rope_utils.
 */
final class Positions {

  private static final String FACTOR = "factor";
  private static final String ORIGINAL = "original_max_position_embeddings";

  private final ConfigFile config;
  private final Family family;
  private final GgufWriter into;
  private final ConfigFile rope;
  private final ConfigFile local;
  private final int dims;
  private final SequencedMap<String, float[]> tensors = new LinkedHashMap<>();

  private Positions(ConfigFile config, Family family, GgufWriter into) {
    this.config = config;
    this.family = family;
    this.into = into;
    ConfigFile parameters =
        config
            .object("rope_parameters")
            .or(() -> config.object("rope_scaling"))
            .orElseGet(config::empty);
    this.rope = parameters.object("full_attention").orElse(parameters);
    this.local = parameters.object("sliding_attention").orElseGet(config::empty);
    this.dims = dims();
  }

  /**
   * Writes the keys.
   *
   * @return tensors of one dimension, by their names in GGUF
   */
  static SequencedMap<String, float[]> describe(ConfigFile config, Family family, GgufWriter into) {
    if (family.has(Trait.LEARNED_POSITIONS)) {
      return new LinkedHashMap<>();
    }
    var positions = new Positions(config, family, into);
    positions.describe();
    return positions.tensors;
  }

  private int dims() {
    float part = rope.real("partial_rotary_factor", config.real("partial_rotary_factor", 1));
    int headSize = HyperParameters.headSize(config);
    if (!(part > 0 && part <= 1) || (part != 1 && !family.has(Trait.PARTIAL_ROPE))) {
      throw config.invalid(
          "partial_rotary_factor", "is %s, which this version does not compute".formatted(part));
    }
    return (int) (headSize * (double) part);
  }

  private void describe() {
    if (family.has(Trait.ROTARY_DIMENSIONS)) {
      into.integer(key("rope.dimension_count"), dims);
    }
    into.real(key("rope.freq_base"), base());
    if (family == Family.GEMMA3) {
      float base = local.real("rope_theta", config.real("rope_local_base_freq"));
      into.real(key("rope.freq_base_swa"), base);
    }
    if (family == Family.PHI3) {
      into.integer(key("rope.scaling.original_context_length"), original());
    }
    String type = rope.text("rope_type", rope.text("type", "default"));
    switch (type) {
      // Dynamic scaling sets in beyond the context, where nothing is computed.
      case "default", "dynamic" -> {}
      case "linear" -> {
        into.text(key("rope.scaling.type"), "linear");
        into.real(key("rope.scaling.factor"), rope.real(FACTOR));
      }
      case "yarn" -> yarn();
      case "llama3" -> llama3(type);
      case "longrope", "su" -> longRope(type);
      default -> throw unknown(type);
    }
  }

  private float base() {
    return rope.real("rope_theta", config.real("rope_theta", 10_000));
  }

  private int original() {
    int context = config.integer("max_position_embeddings", 1, Integer.MAX_VALUE);
    int outside = config.integer(ORIGINAL, 1, Integer.MAX_VALUE, context);
    return rope.integer(ORIGINAL, 1, Integer.MAX_VALUE, outside);
  }

  private void yarn() {
    if (!rope.bool("truncate", true)) {
      throw config.invalid(
          "rope_scaling.truncate", "is false, which this version does not compute");
    }
    into.text(key("rope.scaling.type"), "yarn");
    into.real(key("rope.scaling.factor"), rope.real(FACTOR));
    into.integer(key("rope.scaling.original_context_length"), original());
    copy("extrapolation_factor", "rope.scaling.yarn_ext_factor");
    copy("beta_fast", "rope.scaling.yarn_beta_fast");
    copy("beta_slow", "rope.scaling.yarn_beta_slow");
    if (rope.contains("attention_factor")) {
      copy("attention_factor", "rope.scaling.yarn_attn_factor");
    } else if (rope.real("mscale", 0) != 0 && rope.real("mscale_all_dim", 0) != 0) {
      double ratio = magnitude(rope.real("mscale")) / magnitude(rope.real("mscale_all_dim"));
      into.real(key("rope.scaling.yarn_attn_factor"), (float) ratio);
    }
  }

  private double magnitude(double scale) {
    double factor = rope.real(FACTOR);
    return factor <= 1 ? 1 : 1 + 0.1 * scale * StrictMath.log(factor);
  }

  private void copy(String member, String suffix) {
    if (rope.contains(member)) {
      into.real(key(suffix), rope.real(member));
    }
  }

  /** Long waves are stretched by the factor, short ones stay, and between is a ramp. */
  private void llama3(String type) {
    if (!family.has(Trait.FREQUENCY_FACTORS)) {
      throw unknown(type);
    }
    double factor = positive(FACTOR, 8);
    double low = positive("low_freq_factor", 1);
    double high = positive("high_freq_factor", 4);
    double original = original();
    float[] factors = new float[dims / 2];
    for (int i = 0; i < factors.length; i++) {
      double wave = 2 * Math.PI * StrictMath.pow(base(), 2.0 * i / dims);
      double smooth = (original / wave - low) / (high - low);
      if (wave < original / high) {
        factors[i] = 1;
      } else if (wave > original / low) {
        factors[i] = (float) factor;
      } else {
        factors[i] = (float) (1 / ((1 - smooth) / factor + smooth));
      }
    }
    tensors.put("rope_freqs.weight", factors);
  }

  private double positive(String member, float usual) {
    float value = rope.real(member, usual);
    if (!(value > 0)) {
      throw config.invalid(
          "rope_scaling." + member, "is %s, expected more than 0".formatted(value));
    }
    return value;
  }

  private void longRope(String type) {
    if (family != Family.PHI3) {
      throw unknown(type);
    }
    double scale =
        (double) config.integer("max_position_embeddings", 1, Integer.MAX_VALUE) / original();
    double magnitude =
        scale <= 1 ? 1 : Math.sqrt(1 + StrictMath.log(scale) / StrictMath.log(original()));
    into.real(key("rope.scaling.attn_factor"), rope.real("attention_factor", (float) magnitude));
    for (Map.Entry<String, String> factors :
        Map.of("long_factor", "rope_factors_long", "short_factor", "rope_factors_short")
            .entrySet()) {
      float[] values = rope.reals(factors.getKey());
      if (values.length != dims / 2) {
        throw config.invalid(
            "rope_scaling." + factors.getKey(),
            "has %d elements, but %d pairs turn".formatted(values.length, dims / 2));
      }
      tensors.put(factors.getValue() + ".weight", values);
    }
  }

  private RuntimeException unknown(String type) {
    return config.invalid(
        "rope_scaling",
        "has type %s, which this version does not compute for models of this type"
            .formatted(quote(type)));
  }

  private String key(String suffix) {
    return family.architecture() + "." + suffix;
  }
}
