package io.rivulet.model.huggingface;

import static io.rivulet.model.gguf.ModelFileException.quote;

import io.rivulet.model.huggingface.Family.Trait;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** Members of a config.json that would mean a computation that is not done here. */
final class Refusals {

  /** Each with the value, beside null, that changes nothing. */
  private static final Map<String, String> NEUTRAL =
      Map.ofEntries(
          Map.entry("alibi", "false"),
          Map.entry("attention_multiplier", "1"),
          Map.entry("clip_qkv", "0"),
          Map.entry("dim_model_base", "0"),
          Map.entry("embedding_multiplier", "1"),
          Map.entry("is_causal", "true"),
          Map.entry("is_encoder_decoder", "false"),
          Map.entry("logit_scale", "1"),
          Map.entry("logits_scaling", "1"),
          Map.entry("n_routed_experts", "0"),
          Map.entry("num_experts", "0"),
          Map.entry("num_local_experts", "0"),
          Map.entry("qk_layernorm", "false"),
          Map.entry("residual_multiplier", "1"),
          Map.entry("scale_depth", "0"),
          Map.entry("scale_emb", "1"),
          Map.entry("sparse_config", "false"),
          Map.entry("use_bidirectional_attention", "false"),
          Map.entry("use_qk_norm", "false"));

  /** Those that only families with local layers know. */
  private static final List<String> OF_LOCAL_LAYERS =
      List.of("attn_logit_softcapping", "final_logit_softcapping", "query_pre_attn_scalar");

  private static final Map<String, String> OF_FALCON = Map.of("parallel_attn", "true");

  private static final Map<String, String> OF_OPT =
      Map.of(
          "do_layer_norm_before", "true",
          "layer_norm_elementwise_affine", "true",
          "_remove_final_layer_norm", "false");

  private Refusals() {}

  /** Throws at the first member that asks for what is not computed. */
  static void check(ConfigFile config, Family family) {
    NEUTRAL.forEach((name, neutral) -> require(config, name, neutral));
    if (!family.has(Trait.LOCAL_LAYERS)) {
      OF_LOCAL_LAYERS.forEach(name -> require(config, name, "null"));
    }
    switch (family) {
      case FALCON -> OF_FALCON.forEach((name, neutral) -> require(config, name, neutral));
      case OPT -> {
        OF_OPT.forEach((name, neutral) -> require(config, name, neutral));
        require(
            config,
            "word_embed_proj_dim",
            config.find("hidden_size").map(JsonNode::toString).orElse("null"));
      }
      case LLAMA, ARCEE, QWEN2, QWEN3, GEMMA, GEMMA2, GEMMA3, PHI3, NEMOTRON, BITNET -> {}
    }
    refuseQuantization(config, family);
  }

  private static void require(ConfigFile config, String name, String neutral) {
    config
        .find(name)
        .filter(value -> !same(value, neutral))
        .ifPresent(
            value -> {
              throw config.invalid(
                  name,
                  "is %s, but this version computes only %s"
                      .formatted(quote(value.toString()), neutral));
            });
  }

  private static boolean same(JsonNode value, String neutral) {
    return value.isNumber()
        ? value.asDouble() == number(neutral)
        : value.toString().equals(neutral);
  }

  private static double number(String text) {
    return Character.isDigit(text.charAt(0)) ? Double.parseDouble(text) : Double.NaN;
  }

  private static void refuseQuantization(ConfigFile config, Family family) {
    Optional<ConfigFile> quantization = config.object("quantization_config");
    if (quantization.isEmpty()) {
      return;
    }
    ConfigFile how = quantization.get();
    String method = how.text("quant_method", "");
    boolean known =
        family.has(Trait.TERNARY)
            && method.equals("bitnet")
            && how.text("linear_class", "").equals("autobitlinear")
            && !how.bool("use_rms_norm", false);
    if (!known) {
      throw config.invalid(
          "quantization_config",
          "asks for method %s, but this version reads only F32, F16 and BF16 weights, and"
                  .formatted(quote(method))
              + " BitNet's with linear_class autobitlinear");
    }
  }
}
