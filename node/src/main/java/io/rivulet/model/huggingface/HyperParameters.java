package io.rivulet.model.huggingface;

import io.rivulet.model.gguf.GgufWriter;
import io.rivulet.model.huggingface.Family.Trait;
import java.util.List;

/** Translates the numbers of a config.json into GGUF's keys. */
final class HyperParameters {

  private static final int MOST = 1 << 24;
  private static final String WINDOW = "sliding_window";
  private static final float LAYER_NORM_EPSILON = 1e-5f;

  private final ConfigFile config;
  private final Family family;
  private final GgufWriter into;

  private HyperParameters(ConfigFile config, Family family, GgufWriter into) {
    this.config = config;
    this.family = family;
    this.into = into;
  }

  /** Writes all but what concerns positions, activation and tokenizer. */
  static void describe(ConfigFile config, Family family, int vocabulary, GgufWriter into) {
    new HyperParameters(config, family, into).describe(vocabulary);
  }

  /** Query heads. */
  static int heads(ConfigFile config) {
    return config.contains("n_head")
        ? config.integer("n_head", 1, MOST)
        : config.integer("num_attention_heads", 1, MOST);
  }

  /** Key and value heads; in Falcon's first models one, whatever is said. */
  static int keyValueHeads(ConfigFile config, Family family) {
    return switch (family) {
      case FALCON -> {
        boolean one =
            config.bool("multi_query", true) && !config.bool("new_decoder_architecture", false);
        String name = config.contains("n_head_kv") ? "n_head_kv" : "num_kv_heads";
        yield one ? 1 : config.integer(name, 1, MOST, heads(config));
      }
      case LLAMA, ARCEE, QWEN2, QWEN3, GEMMA, GEMMA2, GEMMA3, PHI3, NEMOTRON, BITNET, OPT ->
          config.integer("num_key_value_heads", 1, MOST, heads(config));
    };
  }

  /** Numbers in a head. */
  static int headSize(ConfigFile config) {
    int width = config.integer("hidden_size", 1, MOST);
    int size = config.integer("head_dim", 1, MOST, width / heads(config));
    if (size < 1) {
      throw config.invalid("hidden_size", "is %d, for %d heads".formatted(width, heads(config)));
    }
    return size;
  }

  private void describe(int vocabulary) {
    int declared = config.integer("vocab_size", 1, MOST, vocabulary);
    if (declared != vocabulary) {
      throw config.invalid(
          "vocab_size", "is %d, but the embedding has %d rows".formatted(declared, vocabulary));
    }
    int width = config.integer("hidden_size", 1, MOST);
    int layers = layers();
    into.integer(key("vocab_size"), vocabulary)
        .integer(key("context_length"), context())
        .integer(key("embedding_length"), width)
        .integer(key("block_count"), layers)
        .integer(key("feed_forward_length"), neurons(width))
        .integer(key("attention.head_count"), heads(config))
        .integer(key("attention.head_count_kv"), keyValueHeads(config, family));
    if (config.contains("head_dim")) {
      into.integer(key("attention.key_length"), headSize(config))
          .integer(key("attention.value_length"), headSize(config));
    }
    String norm = family.has(Trait.LAYER_NORM) ? "layer_norm_epsilon" : "layer_norm_rms_epsilon";
    into.real(key("attention." + norm), epsilon());
    if (family.has(Trait.LOCAL_LAYERS)) {
      localLayers(layers);
    }
    if (family == Family.PHI3) {
      into.integer(key("attention." + WINDOW), config.integer(WINDOW, 0, Integer.MAX_VALUE, 0));
    }
  }

  private int layers() {
    return config.contains("n_layer")
        ? config.integer("n_layer", 1, MOST)
        : config.integer("num_hidden_layers", 1, MOST);
  }

  private int neurons(int width) {
    return switch (family) {
      case OPT -> config.integer("ffn_dim", 1, MOST);
      case FALCON -> config.integer("ffn_hidden_size", 1, MOST, 4 * width);
      case LLAMA, ARCEE, QWEN2, QWEN3, GEMMA, GEMMA2, GEMMA3, PHI3, NEMOTRON, BITNET ->
          config.integer("intermediate_size", 1, MOST);
    };
  }

  private float epsilon() {
    return switch (family) {
      case OPT -> LAYER_NORM_EPSILON;
      case FALCON -> config.real("layer_norm_epsilon");
      case NEMOTRON -> config.real("norm_eps");
      case LLAMA, ARCEE, QWEN2, QWEN3, GEMMA, GEMMA2, GEMMA3, PHI3, BITNET ->
          config.real("rms_norm_eps");
    };
  }

  /**
   * Where every layer's window is as wide as the context, no layer has one: what llama.cpp's GGUF
   * cannot say of these families is kept true so.
   */
  private int context() {
    int context = config.integer("max_position_embeddings", 1, Integer.MAX_VALUE);
    boolean windowed =
        switch (family) {
          case LLAMA, ARCEE -> config.contains(WINDOW);
          case QWEN2, QWEN3 -> config.contains(WINDOW) && config.bool("use_sliding_window", false);
          case GEMMA, GEMMA2, GEMMA3, PHI3, NEMOTRON, BITNET, FALCON, OPT -> false;
        };
    return windowed ? Math.min(context, config.integer(WINDOW, 1, Integer.MAX_VALUE)) : context;
  }

  private void localLayers(int layers) {
    int usual = family == Family.GEMMA2 ? 2 : 6;
    int pattern = pattern(layers, config.integer("sliding_window_pattern", 1, MOST, usual));
    into.integer(
        key("attention." + WINDOW),
        pattern == 1 ? 0 : config.integer(WINDOW, 1, Integer.MAX_VALUE));
    if (pattern != usual && pattern != 1) {
      into.integer(key("attention.sliding_window_pattern"), pattern);
    }
    int scalar = config.integer("query_pre_attn_scalar", 1, MOST);
    if (scalar != headSize(config)) {
      into.real(key("attention.scale"), (float) (1 / Math.sqrt(scalar)));
    }
    if (family == Family.GEMMA2) {
      cap("attn_logit_softcapping", 50);
      cap("final_logit_softcapping", 30);
    } else {
      cap("attn_logit_softcapping", 0);
      cap("final_logit_softcapping", 0);
    }
  }

  /** A cap that is null is none; one that is missing is the family's. */
  private void cap(String name, float usual) {
    float cap = config.says(name) ? config.real(name, 0) : usual;
    if (cap != 0 || usual != 0) {
      into.real(key(name), cap);
    }
  }

  /** Every so many layers the last one is global. */
  private int pattern(int layers, int expected) {
    if (!config.contains("layer_types")) {
      return expected;
    }
    List<String> types = config.texts("layer_types");
    if (types.size() != layers) {
      throw config.invalid(
          "layer_types", "has %d elements, for %d layers".formatted(types.size(), layers));
    }
    if (fits(types, expected)) {
      return expected;
    }
    int first = types.indexOf("full_attention") + 1;
    if (first == 0 || !fits(types, first)) {
      throw config.invalid(
          "layer_types",
          "is not full_attention every so many layers and sliding_attention between, which alone"
              + " this version computes");
    }
    return first;
  }

  private static boolean fits(List<String> types, int pattern) {
    for (int layer = 0; layer < types.size(); layer++) {
      boolean global = (layer + 1) % pattern == 0;
      if (!types.get(layer).equals(global ? "full_attention" : "sliding_attention")) {
        return false;
      }
    }
    return true;
  }

  private String key(String suffix) {
    return family.architecture() + "." + suffix;
  }
}
