package io.rivulet.model;

import io.rivulet.kernels.FloatTensor;
import io.rivulet.kernels.WeightCodec;
import io.rivulet.model.gguf.GgufFile;
import io.rivulet.model.gguf.GgufMetadata;
import io.rivulet.model.gguf.GgufTensor;
import io.rivulet.model.safetensors.SafetensorsFixture;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import tools.jackson.databind.json.JsonMapper;

/**
 * The way back: a small GGUF model as the Hugging Face directory that it could have been converted
 * from, by transformers' names and orders.
 */
final class HuggingFaceExport {

  private static final JsonMapper JSON = new JsonMapper();

  private static final Map<String, String> CLASSES =
      Map.ofEntries(
          Map.entry("llama", "LlamaForCausalLM"),
          Map.entry("arcee", "ArceeForCausalLM"),
          Map.entry("qwen2", "Qwen2ForCausalLM"),
          Map.entry("qwen3", "Qwen3ForCausalLM"),
          Map.entry("gemma", "GemmaForCausalLM"),
          Map.entry("gemma2", "Gemma2ForCausalLM"),
          Map.entry("gemma3", "Gemma3ForCausalLM"),
          Map.entry("phi3", "Phi3ForCausalLM"),
          Map.entry("nemotron", "NemotronForCausalLM"),
          Map.entry("bitnet-b1.58", "BitNetForCausalLM"),
          Map.entry("falcon", "FalconForCausalLM"),
          Map.entry("opt", "OPTForCausalLM"));

  private static final Map<String, String> TOP =
      Map.of(
          "token_embd", "model.embed_tokens",
          "output_norm", "model.norm",
          "output", "lm_head");

  private static final Map<String, String> LAYER =
      Map.ofEntries(
          Map.entry("attn_norm", "input_layernorm"),
          Map.entry("attn_q", "self_attn.q_proj"),
          Map.entry("attn_k", "self_attn.k_proj"),
          Map.entry("attn_v", "self_attn.v_proj"),
          Map.entry("attn_qkv", "self_attn.qkv_proj"),
          Map.entry("attn_output", "self_attn.o_proj"),
          Map.entry("attn_q_norm", "self_attn.q_norm"),
          Map.entry("attn_k_norm", "self_attn.k_norm"),
          Map.entry("attn_sub_norm", "self_attn.attn_sub_norm"),
          Map.entry("ffn_sub_norm", "mlp.ffn_sub_norm"),
          Map.entry("ffn_gate", "mlp.gate_proj"),
          Map.entry("ffn_up", "mlp.up_proj"),
          Map.entry("ffn_down", "mlp.down_proj"),
          Map.entry("ffn_norm", "post_attention_layernorm"));

  private static final Map<String, String> GEMMA_LAYER =
      Map.of(
          "post_attention_norm", "post_attention_layernorm",
          "ffn_norm", "pre_feedforward_layernorm",
          "post_ffw_norm", "post_feedforward_layernorm");

  private static final Map<String, String> FALCON =
      Map.ofEntries(
          Map.entry("token_embd", "transformer.word_embeddings"),
          Map.entry("output_norm", "transformer.ln_f"),
          Map.entry("attn_norm_2", "ln_attn"),
          Map.entry("attn_qkv", "self_attention.query_key_value"),
          Map.entry("attn_output", "self_attention.dense"),
          Map.entry("ffn_up", "mlp.dense_h_to_4h"),
          Map.entry("ffn_down", "mlp.dense_4h_to_h"));

  private static final Map<String, String> OPT =
      Map.of(
          "token_embd", "model.decoder.embed_tokens",
          "position_embd", "model.decoder.embed_positions",
          "output_norm", "model.decoder.final_layer_norm",
          "attn_norm", "self_attn_layer_norm",
          "attn_output", "self_attn.out_proj",
          "ffn_norm", "final_layer_norm",
          "ffn_up", "fc1",
          "ffn_down", "fc2");

  private final GgufFile file;
  private final GgufMetadata metadata;
  private final String arch;
  private final Map<String, Object> config = new LinkedHashMap<>();

  private HuggingFaceExport(GgufFile file) {
    this.file = file;
    metadata = file.metadata();
    arch = metadata.text("general.architecture");
  }

  /** Writes a model's directory; members of its config.json that are given go over its own. */
  static Path write(Path gguf, Path directory, Map<String, Object> members) throws IOException {
    Files.createDirectories(directory);
    try (GgufFile file = GgufFile.open(gguf)) {
      var export = new HuggingFaceExport(file);
      export.describe();
      export.config.putAll(members);
      JSON.writeValue(directory.resolve("config.json").toFile(), export.config);
      JSON.writeValue(directory.resolve("tokenizer.json").toFile(), export.tokenizer());
      var writer = new SafetensorsFixture();
      for (GgufTensor tensor : file.tensors()) {
        export.write(tensor, writer);
      }
      writer.write(directory.resolve("model.safetensors"));
    }
    return directory;
  }

  private void describe() {
    config.put("architectures", List.of(CLASSES.get(arch)));
    config.put("model_type", arch.equals("bitnet-b1.58") ? "bitnet" : arch);
    config.put("vocab_size", metadata.texts("tokenizer.ggml.tokens").size());
    config.put("max_position_embeddings", integer("context_length"));
    config.put("hidden_size", integer("embedding_length"));
    config.put("num_hidden_layers", integer("block_count"));
    boolean opt = arch.equals("opt");
    config.put(
        opt ? "ffn_dim" : arch.equals("falcon") ? "ffn_hidden_size" : "intermediate_size",
        integer("feed_forward_length"));
    int heads = integer("attention.head_count");
    int keyValueHeads = integer("attention.head_count_kv");
    config.put("num_attention_heads", heads);
    config.put(arch.equals("falcon") ? "num_kv_heads" : "num_key_value_heads", keyValueHeads);
    if (has("attention.key_length")) {
      config.put("head_dim", integer("attention.key_length"));
    }
    switch (arch) {
      case "nemotron" -> config.put("norm_eps", real("attention.layer_norm_epsilon"));
      case "falcon" -> config.put("layer_norm_epsilon", real("attention.layer_norm_epsilon"));
      case "opt" -> {}
      default -> config.put("rms_norm_eps", real("attention.layer_norm_rms_epsilon"));
    }
    config.put("tie_word_embeddings", file.tensor("output.weight").isEmpty());
    config.put("rope_theta", has("rope.freq_base") ? real("rope.freq_base") : 10_000.0);
    if (arch.startsWith("bitnet")) {
      config.put(
          "quantization_config", Map.of("quant_method", "bitnet", "linear_class", "autobitlinear"));
    }
    activation();
    special(heads, keyValueHeads);
    scaling();
  }

  private void activation() {
    Map<String, String> names =
        Map.of("silu", "silu", "gelu", "gelu_pytorch_tanh", "gelu_erf", "gelu", "drelu", "relu");
    String usual =
        switch (arch) {
          case "arcee", "nemotron", "bitnet-b1.58" -> "relu2";
          case "opt" -> "relu";
          case "gemma", "gemma2", "gemma3", "falcon" -> "gelu";
          default -> "silu";
        };
    String ours = metadata.text(arch + ".hidden_activation", usual);
    String member =
        switch (arch) {
          case "opt" -> "activation_function";
          case "falcon" -> "activation";
          default -> "hidden_act";
        };
    config.put(member, names.getOrDefault(ours, ours));
    if (ours.equals("drelu")) {
      config.put("architectures", List.of("BambooForCausalLM"));
      config.put("model_type", "bamboo");
    }
    if (ours.equals("fatrelu")) {
      config.put("hidden_act_param", real("hidden_activation_threshold"));
    }
  }

  private void special(int heads, int keyValueHeads) {
    switch (arch) {
      case "nemotron" -> {
        int size = integer("embedding_length") / heads;
        config.put("partial_rotary_factor", (double) integer("rope.dimension_count") / size);
      }
      case "phi3" -> {
        int size = integer("embedding_length") / heads;
        config.put("partial_rotary_factor", (double) integer("rope.dimension_count") / size);
        config.put("original_max_position_embeddings", integer("context_length"));
        config.put("sliding_window", integer("attention.sliding_window"));
      }
      case "gemma2", "gemma3" -> {
        config.put("sliding_window", integer("attention.sliding_window"));
        config.put("query_pre_attn_scalar", config.get("head_dim"));
        for (String cap : List.of("attn_logit_softcapping", "final_logit_softcapping")) {
          if (has(cap)) {
            config.put(cap, real(cap));
          }
        }
      }
      case "falcon" -> {
        config.put("multi_query", true);
        config.put("new_decoder_architecture", keyValueHeads > 1);
      }
      default -> {}
    }
  }

  private void scaling() {
    var scaling = new LinkedHashMap<String, Object>();
    String type = metadata.text(arch + ".rope.scaling.type", "none");
    boolean longRope = file.tensor("rope_factors_long.weight").isPresent();
    if (longRope) {
      scaling.put("type", "longrope");
      scaling.put("long_factor", values("rope_factors_long.weight"));
      scaling.put("short_factor", values("rope_factors_short.weight"));
      scaling.put("attention_factor", real("rope.scaling.attn_factor"));
      config.put(
          "original_max_position_embeddings", integer("rope.scaling.original_context_length"));
    } else if (!type.equals("none") && !arch.startsWith("bitnet")) {
      scaling.put("rope_type", type);
      scaling.put("factor", real("rope.scaling.factor"));
      if (type.equals("yarn")) {
        scaling.put(
            "original_max_position_embeddings", integer("rope.scaling.original_context_length"));
      }
      for (String beta : List.of("beta_fast", "beta_slow")) {
        if (has("rope.scaling.yarn_" + beta)) {
          scaling.put(beta, real("rope.scaling.yarn_" + beta));
        }
      }
    }
    config.put("rope_scaling", scaling.isEmpty() ? null : scaling);
  }

  private void write(GgufTensor tensor, SafetensorsFixture writer) {
    String name = tensor.name();
    if (name.startsWith("rope_")) {
      return;
    }
    float[] values = values(name);
    int cols = Math.toIntExact(tensor.cols());
    int rows = values.length / cols;
    boolean vector = tensor.dimensions().size() == 1;
    int heads = integer("attention.head_count");
    int keyValueHeads = integer("attention.head_count_kv");
    boolean interleaved = arch.equals("llama") || arch.equals("arcee");
    String part = name.replaceFirst("^blk\\.\\d+\\.", "").replaceFirst("\\.(weight|bias)$", "");
    int length = vector ? 1 : cols;
    int count = vector ? cols : rows;
    if (interleaved && (part.equals("attn_q") || part.equals("attn_k"))) {
      values = halves(values, part.equals("attn_q") ? heads : keyValueHeads, count, length);
    }
    if (arch.equals("falcon") && part.equals("attn_qkv")) {
      values = groups(values, heads, keyValueHeads, count, length);
    }
    boolean plusOne = arch.startsWith("gemma") || arch.equals("nemotron");
    if (plusOne && part.endsWith("norm") && name.endsWith(".weight")) {
      for (int i = 0; i < values.length; i++) {
        values[i] -= 1;
      }
    }
    if (arch.startsWith("bitnet") && !vector && name.startsWith("blk.")) {
      pack(theirs(name, part), rows, cols, values, writer);
      return;
    }
    if (part.equals("position_embd")) {
      float[] more = new float[values.length + 2 * cols];
      System.arraycopy(values, 0, more, 2 * cols, values.length);
      values = more;
      rows += 2;
    }
    writer.floats(theirs(name, part), vector ? List.of(cols) : List.of(rows, cols), values);
  }

  /** Four rows, a quarter of all apart, in the bits of one. */
  private static void pack(
      String name, int rows, int cols, float[] values, SafetensorsFixture writer) {
    float scale = 0;
    for (float value : values) {
      scale = Math.max(scale, Math.abs(value));
    }
    int quarter = rows / 4;
    byte[] packed = new byte[quarter * cols];
    for (int i = 0; i < values.length; i++) {
      int shift = i / packed.length * 2;
      packed[i % packed.length] |= (byte) ((Math.round(values[i] / scale) + 1) << shift);
    }
    writer.bytes(name, "U8", List.of(quarter, cols), packed);
    writer.floats(name + "_scale", List.of(1), scale);
  }

  private String theirs(String name, String part) {
    String suffix = name.substring(name.lastIndexOf('.'));
    Map<String, String> own =
        switch (arch) {
          case "falcon" -> FALCON;
          case "opt" -> OPT;
          case "gemma2", "gemma3" -> GEMMA_LAYER;
          case "phi3" -> Map.of("ffn_up", "mlp.gate_up_proj");
          default -> Map.of();
        };
    boolean second = arch.equals("falcon") && integer("attention.head_count_kv") > 1;
    if (second && part.equals("attn_norm")) {
      own = Map.of(part, "ln_mlp");
    }
    if (!name.startsWith("blk.")) {
      return own.getOrDefault(part, TOP.get(part)) + suffix;
    }
    String layers =
        switch (arch) {
          case "falcon" -> "transformer.h.";
          case "opt" -> "model.decoder.layers.";
          default -> "model.layers.";
        };
    return layers
        + name.replaceAll("\\D*\\.(\\d+)\\..*", "$1")
        + "."
        + own.getOrDefault(part, LAYER.get(part))
        + suffix;
  }

  /** Neighbours, which turn together here, lie half a head apart there. */
  private static float[] halves(float[] values, int heads, int rows, int cols) {
    int size = rows / heads;
    var there = new float[values.length];
    for (int head = 0; head < heads; head++) {
      for (int pair = 0; pair < size / 2; pair++) {
        for (int side = 0; side < 2; side++) {
          int from = head * size + 2 * pair + side;
          int to = head * size + side * (size / 2) + pair;
          System.arraycopy(values, from * cols, there, to * cols, cols);
        }
      }
    }
    return there;
  }

  /** Each key head and its value head lie after the query heads that share them. */
  private static float[] groups(float[] values, int heads, int groups, int rows, int cols) {
    int size = rows / (heads + 2 * groups) * cols;
    int shared = heads / groups;
    var there = new ArrayList<Integer>();
    for (int group = 0; group < groups; group++) {
      for (int head = 0; head < shared; head++) {
        there.add(group * shared + head);
      }
      there.add(heads + group);
      there.add(heads + groups + group);
    }
    var result = new float[values.length];
    for (int to = 0; to < there.size(); to++) {
      System.arraycopy(values, there.get(to) * size, result, to * size, size);
    }
    return result;
  }

  private float[] values(String name) {
    GgufTensor tensor = file.tensor(name).orElseThrow();
    int cols = Math.toIntExact(tensor.cols());
    int rows = Math.toIntExact(tensor.rows());
    var values = new float[rows * cols];
    try (Arena arena = Arena.ofConfined()) {
      FloatTensor row = FloatTensor.allocate(arena, 1, cols);
      for (int r = 0; r < rows; r++) {
        WeightCodec.decodeRow(file.matrix(name, rows, cols), r, row, 0);
        System.arraycopy(row.row(0), 0, values, r * cols, cols);
      }
    }
    return values;
  }

  /** As Llama 2's, with the fixtures' pieces. */
  private Map<String, Object> tokenizer() {
    List<String> pieces = metadata.texts("tokenizer.ggml.tokens");
    var vocabulary = new LinkedHashMap<String, Integer>();
    IntStream.range(0, pieces.size()).forEach(id -> vocabulary.put(pieces.get(id), id));
    int[] kinds = metadata.integers("tokenizer.ggml.token_type", 0, 6);
    var merges = new ArrayList<String>();
    for (int id = 0; id < kinds.length; id++) {
      String piece = pieces.get(id);
      for (int cut = 1; kinds[id] == 1 && cut < piece.length(); cut++) {
        String left = piece.substring(0, cut);
        String right = piece.substring(cut);
        if (vocabulary.containsKey(left) && vocabulary.containsKey(right)) {
          merges.add(left + " " + right);
        }
      }
    }
    var added =
        IntStream.range(0, 3)
            .mapToObj(
                id ->
                    Map.of(
                        "id", id, "content", pieces.get(id), "special", true, "normalized", false))
            .toList();
    return Map.of(
        "added_tokens", added,
        "normalizer",
            Map.of(
                "type",
                "Sequence",
                "normalizers",
                List.of(
                    Map.of("type", "Prepend", "prepend", "▁"),
                    Map.of("type", "Replace", "pattern", Map.of("String", " "), "content", "▁"))),
        "model",
            Map.of(
                "type",
                "BPE",
                "unk_token",
                pieces.getFirst(),
                "fuse_unk",
                true,
                "byte_fallback",
                true,
                "vocab",
                vocabulary,
                "merges",
                merges));
  }

  private boolean has(String suffix) {
    return metadata.contains(arch + "." + suffix);
  }

  private int integer(String suffix) {
    return metadata.integer(arch + "." + suffix, 0, Integer.MAX_VALUE);
  }

  private double real(String suffix) {
    return metadata.real(arch + "." + suffix);
  }
}
