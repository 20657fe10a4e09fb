package io.rivulet.model.huggingface;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Names of transformers' parameters and what GGUF calls them, both without {@code .weight} and
 * {@code .bias}.
 */
final class TensorNames {

  private static final Pattern LAYER = Pattern.compile("(?:layers|h)\\.(\\d{1,6})\\.(.+)");
  private static final Pattern MODEL =
      Pattern.compile("(?:language_model\\.)?(?:(?:model|transformer|decoder)\\.)*+(.+)");

  /** Parts of a model that reads images, and what older versions stored that is computed anew. */
  private static final Pattern UNUSED =
      Pattern.compile(
          "(?:model\\.)?(?:vision_tower|multi_modal_projector)\\..+|.*\\.rotary_emb\\.inv_freq");

  private static final Map<String, String> OUTSIDE =
      Map.of(
          "embed_tokens", "token_embd",
          "word_embeddings", "token_embd",
          "embed_positions", "position_embd",
          "norm", "output_norm",
          "ln_f", "output_norm",
          "final_layer_norm", "output_norm",
          "lm_head", "output");

  private static final Map<String, String> IN_LAYER =
      Map.ofEntries(
          Map.entry("input_layernorm", "attn_norm"),
          Map.entry("self_attn_layer_norm", "attn_norm"),
          Map.entry("ln_mlp", "attn_norm"),
          Map.entry("ln_attn", "attn_norm_2"),
          Map.entry("self_attn.q_proj", "attn_q"),
          Map.entry("self_attn.k_proj", "attn_k"),
          Map.entry("self_attn.v_proj", "attn_v"),
          Map.entry("self_attn.qkv_proj", "attn_qkv"),
          Map.entry("self_attention.query_key_value", "attn_qkv"),
          Map.entry("self_attn.q_norm", "attn_q_norm"),
          Map.entry("self_attn.k_norm", "attn_k_norm"),
          Map.entry("self_attn.attn_sub_norm", "attn_sub_norm"),
          Map.entry("self_attn.o_proj", "attn_output"),
          Map.entry("self_attn.out_proj", "attn_output"),
          Map.entry("self_attention.dense", "attn_output"),
          Map.entry("post_attention_layernorm", "ffn_norm"),
          Map.entry("final_layer_norm", "ffn_norm"),
          Map.entry("mlp.gate_proj", "ffn_gate"),
          Map.entry("mlp.up_proj", "ffn_up"),
          Map.entry("mlp.gate_up_proj", "ffn_up"),
          Map.entry("mlp.dense_h_to_4h", "ffn_up"),
          Map.entry("fc1", "ffn_up"),
          Map.entry("mlp.ffn_sub_norm", "ffn_sub_norm"),
          Map.entry("mlp.down_proj", "ffn_down"),
          Map.entry("mlp.dense_4h_to_h", "ffn_down"),
          Map.entry("fc2", "ffn_down"));

  /** Gemma 2 and 3 have norms on both sides of attention and FFN. */
  private static final Map<String, String> IN_LAYER_WITH_NORMS_AFTER =
      Map.of(
          "post_attention_layernorm", "post_attention_norm",
          "pre_feedforward_layernorm", "ffn_norm",
          "post_feedforward_layernorm", "post_ffw_norm");

  private static final Set<String> SUFFIXES = Set.of("weight", "bias");

  private TensorNames() {}

  /** Whether no text depends on the tensor. */
  static boolean unused(String name) {
    return UNUSED.matcher(name).matches();
  }

  /** GGUF's name, with the suffix. */
  static Optional<String> inGguf(String name, Family family) {
    int dot = name.lastIndexOf('.');
    String suffix = name.substring(dot + 1);
    Matcher model = MODEL.matcher(name.substring(0, Math.max(0, dot)));
    if (!SUFFIXES.contains(suffix) || !model.matches()) {
      return Optional.empty();
    }
    String rest = model.group(1);
    Matcher layer = LAYER.matcher(rest);
    if (!layer.matches()) {
      return Optional.ofNullable(OUTSIDE.get(rest)).map(ours -> ours + "." + suffix);
    }
    String prefix = "blk." + Integer.parseInt(layer.group(1)) + ".";
    return inLayer(layer.group(2), family).map(ours -> prefix + ours + "." + suffix);
  }

  private static Optional<String> inLayer(String name, Family family) {
    if (family.has(Family.Trait.NORMS_AFTER) && IN_LAYER_WITH_NORMS_AFTER.containsKey(name)) {
      return Optional.of(IN_LAYER_WITH_NORMS_AFTER.get(name));
    }
    return Optional.ofNullable(IN_LAYER.get(name));
  }
}
