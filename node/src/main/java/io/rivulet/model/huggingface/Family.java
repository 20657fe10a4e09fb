package io.rivulet.model.huggingface;

import static io.rivulet.model.gguf.ModelFileException.quote;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Models that transformers computes in one way: what they are called in a config.json and in a GGUF
 * file, and what holds where the config.json says nothing.
 */
@SuppressWarnings("ImmutableEnumChecker") // what is given below cannot be changed
enum Family {
  LLAMA(
      "llama",
      List.of("llama", "mistral", "sparsellama", "bamboo"),
      List.of(
          "LlamaForCausalLM",
          "LLaMAForCausalLM",
          "MistralForCausalLM",
          "SparseLlamaForCausalLM",
          "BambooForCausalLM"),
      "silu",
      Map.of("hidden_act", "silu", "rms_norm_eps", 1e-6),
      Trait.INTERLEAVED_ROPE,
      Trait.FREQUENCY_FACTORS,
      Trait.ROTARY_DIMENSIONS),
  ARCEE(
      "arcee",
      List.of("arcee"),
      List.of("ArceeForCausalLM"),
      "relu2",
      Map.of("hidden_act", "relu2", "rms_norm_eps", 1e-5),
      Trait.INTERLEAVED_ROPE,
      Trait.FREQUENCY_FACTORS,
      Trait.ROTARY_DIMENSIONS),
  QWEN2(
      "qwen2",
      List.of("qwen2"),
      List.of("Qwen2ForCausalLM"),
      "silu",
      Map.of("hidden_act", "silu", "rms_norm_eps", 1e-6)),
  QWEN3(
      "qwen3",
      List.of("qwen3"),
      List.of("Qwen3ForCausalLM"),
      "silu",
      Map.of("hidden_act", "silu", "rms_norm_eps", 1e-6, "head_dim", 128)),
  GEMMA(
      "gemma",
      List.of("gemma"),
      List.of("GemmaForCausalLM"),
      "gelu",
      Map.of("rms_norm_eps", 1e-6, "head_dim", 256, "tie_word_embeddings", true),
      Trait.NORM_PLUS_ONE),
  GEMMA2(
      "gemma2",
      List.of("gemma2"),
      List.of("Gemma2ForCausalLM"),
      "gelu",
      Map.of(
          "rms_norm_eps", 1e-6,
          "head_dim", 256,
          "tie_word_embeddings", true,
          "sliding_window", 4096,
          "query_pre_attn_scalar", 256),
      Trait.NORM_PLUS_ONE,
      Trait.NORMS_AFTER,
      Trait.LOCAL_LAYERS),
  GEMMA3(
      "gemma3",
      List.of("gemma3", "gemma3_text"),
      List.of("Gemma3ForCausalLM", "Gemma3ForConditionalGeneration"),
      "gelu",
      Map.of(
          "rms_norm_eps", 1e-6,
          "head_dim", 256,
          "tie_word_embeddings", true,
          "sliding_window", 4096,
          "query_pre_attn_scalar", 256,
          "max_position_embeddings", 131072,
          "num_attention_heads", 8,
          "num_key_value_heads", 4,
          "rope_theta", 1e6,
          "rope_local_base_freq", 1e4),
      Trait.NORM_PLUS_ONE,
      Trait.NORMS_AFTER,
      Trait.LOCAL_LAYERS),
  PHI3(
      "phi3",
      List.of("phi3"),
      List.of("Phi3ForCausalLM"),
      "silu",
      Map.of("hidden_act", "silu", "rms_norm_eps", 1e-5, "original_max_position_embeddings", 4096),
      Trait.PARTIAL_ROPE,
      Trait.ROTARY_DIMENSIONS),
  NEMOTRON(
      "nemotron",
      List.of("nemotron"),
      List.of("NemotronForCausalLM"),
      "relu2",
      Map.of("hidden_act", "relu2", "norm_eps", 1e-5, "partial_rotary_factor", 0.5),
      Trait.LAYER_NORM,
      Trait.NORM_PLUS_ONE,
      Trait.PARTIAL_ROPE,
      Trait.ROTARY_DIMENSIONS),
  BITNET(
      "bitnet-b1.58",
      List.of("bitnet"),
      List.of("BitNetForCausalLM", "BitnetForCausalLM"),
      "relu2",
      Map.of("hidden_act", "relu2", "rms_norm_eps", 1e-5, "rope_theta", 5e5),
      Trait.TERNARY),
  FALCON(
      "falcon",
      List.of("falcon", "RefinedWeb", "RefinedWebModel"),
      List.of("FalconForCausalLM", "RWForCausalLM"),
      "gelu",
      Map.of("activation", "gelu", "layer_norm_epsilon", 1e-5, "max_position_embeddings", 2048),
      Trait.LAYER_NORM,
      Trait.FUSED_GROUPS),
  OPT(
      "opt",
      List.of("opt"),
      List.of("OPTForCausalLM"),
      "relu",
      Map.of("activation_function", "relu"),
      Trait.LAYER_NORM,
      Trait.LEARNED_POSITIONS);

  /** Ways in which families differ. */
  enum Trait {
    /** Queries and keys are stored for turning halves, and reordered for turning neighbours. */
    INTERLEAVED_ROPE,
    /** Frequencies may be divided each by a factor of its own, a tensor in GGUF. */
    FREQUENCY_FACTORS,
    /** The number of elements that turn is written also where it is all of them. */
    ROTARY_DIMENSIONS,
    /** A part of a head's elements may turn. */
    PARTIAL_ROPE,
    /** LayerNorm; the others have RMSNorm. */
    LAYER_NORM,
    /** A norm's weights are stored less one. */
    NORM_PLUS_ONE,
    /** There are norms after attention and FFN too. */
    NORMS_AFTER,
    /** Some layers see a window, scores have a scale of their own, and caps may be named. */
    LOCAL_LAYERS,
    /** Weights are stored as ternary, or to be rounded to it. */
    TERNARY,
    /** Queries, keys and values are one tensor, by groups of heads. */
    FUSED_GROUPS,
    /** Positions are a tensor whose first two rows stand for none. */
    LEARNED_POSITIONS
  }

  private final String architecture;
  private final List<String> modelTypes;
  private final List<String> classes;
  private final String activation;
  private final Map<String, Object> defaults;
  private final Set<Trait> traits;

  Family(
      String architecture,
      List<String> modelTypes,
      List<String> classes,
      String activation,
      Map<String, Object> defaults,
      Trait... traits) {
    this.architecture = architecture;
    this.modelTypes = modelTypes;
    this.classes = classes;
    this.activation = activation;
    this.defaults = defaults;
    this.traits = Set.of(traits);
  }

  /**
   * Whose a config.json is: by the class in transformers that computes it, or else by its model
   * type; both must agree.
   */
  static Family of(ConfigFile config) {
    List<String> names =
        config.contains("architectures") ? config.texts("architectures") : List.of();
    Family family =
        names.isEmpty()
            ? byModelType(config)
            : Arrays.stream(values())
                .filter(known -> known.classes.contains(names.getFirst()))
                .findFirst()
                .orElseThrow(() -> unknown(config, "architectures", names.getFirst()));
    String type = config.text("model_type", family.modelTypes.getFirst());
    if (!family.modelTypes.contains(type)) {
      throw unknown(config, "model_type", type);
    }
    return family;
  }

  /** Its name in GGUF. */
  String architecture() {
    return architecture;
  }

  /** The FFN's function that GGUF's readers take where the file names none. */
  String activation() {
    return activation;
  }

  /** What transformers takes where the config.json says nothing. */
  Map<String, Object> defaults() {
    return defaults;
  }

  boolean has(Trait trait) {
    return traits.contains(trait);
  }

  private static Family byModelType(ConfigFile config) {
    String type = config.text("model_type");
    return Arrays.stream(values())
        .filter(known -> known.modelTypes.contains(type))
        .findFirst()
        .orElseThrow(() -> unknown(config, "model_type", type));
  }

  private static RuntimeException unknown(ConfigFile config, String member, String name) {
    return config.invalid(
        member,
        "is %s, but this version computes only models of type %s"
            .formatted(
                quote(name),
                Arrays.stream(values())
                    .flatMap(family -> family.modelTypes.stream())
                    .collect(Collectors.joining(", "))));
  }
}
