package io.rivulet.fuzz;

import io.rivulet.kernels.WeightType;
import io.rivulet.model.gguf.GgufWriter;
import io.rivulet.model.profile.ModelFingerprint;
import io.rivulet.model.profile.ProfiledModel;
import io.rivulet.model.profile.SparsityProfileFile;
import io.rivulet.model.profile.TinyProfile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Writes the files that fuzzing begins with: sound, and as small as they can be. */
final class Seeds {

  private static final int WIDTH = 8;
  private static final int NEURONS = 8;
  private static final String TEMPLATE =
      "{{ bos_token }}{% for m in messages %}{{ m.role + m['content']|trim }}{% endfor %}";

  private Seeds() {}

  /** Takes the folder to write below: {@code src/test/resources/fuzz}. */
  public static void main(String[] arguments) throws IOException {
    Path models = Files.createDirectories(Path.of(arguments[0], "model-file"));
    model("nemotron", sentencePiece(), 6).write(models.resolve("nemotron.gguf"));
    model("llama", byteLevel("gpt-2"), 7).write(models.resolve("llama.gguf"));
    model("qwen2", byteLevel("qwen2"), 7).write(models.resolve("qwen2.gguf"));
    model("arcee", sentencePiece(), 6).write(models.resolve("arcee.gguf"));
    Path tokenizers = Files.createDirectories(Path.of(arguments[0], "tokenizer"));
    sentencePiece().write(tokenizers.resolve("sentencepiece.gguf"));
    unigram().write(tokenizers.resolve("unigram.gguf"));
    wordPiece().write(tokenizers.resolve("wordpiece.gguf"));
    for (String kind : List.of("gpt-2", "llama-bpe", "qwen2")) {
      byteLevel(kind).write(tokenizers.resolve(kind + ".gguf"));
    }
    Path profiles = Files.createDirectories(Path.of(arguments[0], "sparsity-profile"));
    var model = new ProfiledModel(new ModelFingerprint("a".repeat(64)), 2, NEURONS, WIDTH);
    try (Arena arena = Arena.ofConfined()) {
      SparsityProfileFile.write(
          TinyProfile.of(model, arena), profiles.resolve("profile.safetensors"));
    }
  }

  private static GgufWriter tokenizer(String kind, String... tokens) {
    int[] types = new int[tokens.length];
    Arrays.setAll(types, id -> id == 0 ? 2 : tokens[id].startsWith("<") ? 3 : 1);
    return new GgufWriter()
        .text("general.name", "ab <s> b\n")
        .text("tokenizer.ggml.model", kind)
        .texts("tokenizer.ggml.tokens", List.of(tokens))
        .integers("tokenizer.ggml.token_type", types)
        .integer("tokenizer.ggml.bos_token_id", 1)
        .integer("tokenizer.ggml.eos_token_id", 2);
  }

  private static GgufWriter sentencePiece() {
    return tokenizer("llama", "<unk>", "<s>", "</s>", "▁", "a", "▁a")
        .floats("tokenizer.ggml.scores", 0, 0, 0, -2, -3, -1)
        .bool("tokenizer.ggml.add_bos_token", true)
        .bool("tokenizer.ggml.add_space_prefix", true);
  }

  private static GgufWriter unigram() {
    return tokenizer("t5", "<unk>", "<s>", "</s>", "▁", "a", "▁a")
        .floats("tokenizer.ggml.scores", 0, 0, 0, -2, -3, -1)
        .integer("tokenizer.ggml.unknown_token_id", 0)
        .bool("tokenizer.ggml.remove_extra_whitespaces", true);
  }

  private static GgufWriter wordPiece() {
    return tokenizer("bert", "[UNK]", "<s>", "</s>", "▁", "b", "▁a")
        .integer("tokenizer.ggml.unknown_token_id", 0)
        .integer("tokenizer.ggml.seperator_token_id", 2)
        .bool("tokenizer.ggml.normalizer.lowercase", true);
  }

  private static GgufWriter byteLevel(String pre) {
    return tokenizer("gpt2", "a", "<s>", "</s>", "Ġ", "b", "ab", "Ġab")
        .text("tokenizer.ggml.pre", pre)
        .texts("tokenizer.ggml.merges", List.of("a b", "Ġ ab"))
        .bool("tokenizer.ggml.add_bos_token", true)
        .text("tokenizer.chat_template", TEMPLATE);
  }

  private static GgufWriter model(String name, GgufWriter file, int vocabulary) {
    file.text("general.architecture", name)
        .integer(name + ".context_length", 8)
        .integer(name + ".embedding_length", WIDTH)
        .integer(name + ".block_count", 1)
        .integer(name + ".feed_forward_length", NEURONS)
        .integer(name + ".attention.head_count", 2)
        .integer(name + ".attention.head_count_kv", 1)
        .integer(name + ".rope.dimension_count", 4)
        .real(name + ".attention.layer_norm_epsilon", 1e-5f)
        .real(name + ".attention.layer_norm_rms_epsilon", 1e-5f);
    matrix(file, "token_embd", vocabulary, WIDTH);
    matrix(file, "blk.0.attn_q", WIDTH, WIDTH);
    matrix(file, "blk.0.attn_k", WIDTH / 2, WIDTH);
    matrix(file, "blk.0.attn_v", WIDTH / 2, WIDTH);
    matrix(file, "blk.0.attn_output", WIDTH, WIDTH);
    matrix(file, "blk.0.ffn_up", NEURONS, WIDTH);
    matrix(file, "blk.0.ffn_down", WIDTH, NEURONS);
    List<String> vectors =
        new ArrayList<>(
            List.of("blk.0.attn_norm.weight", "blk.0.ffn_norm.weight", "output_norm.weight"));
    switch (name) {
      case "nemotron" ->
          vectors.addAll(
              List.of("blk.0.attn_norm.bias", "blk.0.ffn_norm.bias", "output_norm.bias"));
      case "qwen2" -> {
        matrix(file, "blk.0.ffn_gate", NEURONS, WIDTH);
        vectors.add("blk.0.attn_q.bias");
      }
      case "llama" -> matrix(file, "blk.0.ffn_gate", NEURONS, WIDTH);
      default -> {}
    }
    vectors.forEach(vector -> file.vector(vector, new float[WIDTH]));
    return file;
  }

  private static void matrix(GgufWriter file, String name, int rows, int cols) {
    file.matrix(name + ".weight", WeightType.F16, rows, cols, (row, into) -> into[0] = row);
  }
}
