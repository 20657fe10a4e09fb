package io.rivulet.model;

import io.rivulet.kernels.WeightType;
import io.rivulet.model.gguf.GgufWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A sound file of the smallest kind, or one with a fault asked for: {@code nemotron}, or of another
 * architecture where what is to be seen comes before the tensors.
 */
public final class TinyModel {

  private static final int WIDTH = 32;
  private static final int NEURONS = 64;
  private static final int VOCABULARY = 259;

  private final String architecture;
  private final Set<String> without = new HashSet<>();
  private Consumer<GgufWriter> change = writer -> {};

  public TinyModel() {
    this("nemotron");
  }

  TinyModel(String architecture) {
    this.architecture = architecture;
  }

  public TinyModel without(String tensor) {
    without.add(tensor);
    return this;
  }

  /** Keys and tensors on top; a key that is there already gets the new value. */
  public TinyModel with(Consumer<GgufWriter> more) {
    change = more;
    return this;
  }

  public Path write(Path file) throws IOException {
    GgufWriter writer = new GgufWriter();
    writer
        .text("general.architecture", architecture)
        .integer(key("context_length"), 32)
        .integer(key("embedding_length"), WIDTH)
        .integer(key("block_count"), 1)
        .integer(key("feed_forward_length"), NEURONS)
        .integer(key("attention.head_count"), 4)
        .integer(key("attention.head_count_kv"), 2)
        .real(key("attention.layer_norm_epsilon"), 1e-5f)
        .real(key("attention.layer_norm_rms_epsilon"), 1e-5f);
    tokenizer(writer);
    matrix(writer, "token_embd.weight", VOCABULARY, WIDTH);
    norm(writer, "blk.0.attn_norm");
    matrix(writer, "blk.0.attn_q.weight", WIDTH, WIDTH);
    matrix(writer, "blk.0.attn_k.weight", WIDTH / 2, WIDTH);
    matrix(writer, "blk.0.attn_v.weight", WIDTH / 2, WIDTH);
    matrix(writer, "blk.0.attn_output.weight", WIDTH, WIDTH);
    norm(writer, "blk.0.ffn_norm");
    matrix(writer, "blk.0.ffn_up.weight", NEURONS, WIDTH);
    matrix(writer, "blk.0.ffn_down.weight", WIDTH, NEURONS);
    norm(writer, "output_norm");
    change.accept(writer);
    writer.write(file);
    return file;
  }

  private String key(String suffix) {
    return architecture + "." + suffix;
  }

  static void matrix(GgufWriter writer, String name, WeightType type, int rows, int cols) {
    writer.matrix(name, type, rows, cols, (row, into) -> Arrays.fill(into, row % 7 - 3));
  }

  private void matrix(GgufWriter writer, String name, int rows, int cols) {
    if (!without.contains(name)) {
      matrix(writer, name, WeightType.F32, rows, cols);
    }
  }

  private void norm(GgufWriter writer, String name) {
    float[] ones = new float[WIDTH];
    Arrays.fill(ones, 1);
    for (String part : List.of(".weight", ".bias")) {
      if (!without.contains(name + part)) {
        writer.vector(name + part, ones);
      }
    }
  }

  private static void tokenizer(GgufWriter writer) {
    List<String> pieces = new ArrayList<>(List.of("<unk>", "<s>", "</s>"));
    int[] kinds = new int[VOCABULARY];
    Arrays.fill(kinds, 6);
    kinds[0] = 2;
    kinds[1] = 3;
    kinds[2] = 3;
    for (int i = 0; i < 256; i++) {
      pieces.add("<0x%02X>".formatted(i));
    }
    writer
        .text("tokenizer.ggml.model", "llama")
        .texts("tokenizer.ggml.tokens", pieces)
        .floats("tokenizer.ggml.scores", new float[VOCABULARY])
        .integers("tokenizer.ggml.token_type", kinds)
        .integer("tokenizer.ggml.unknown_token_id", 0)
        .integer("tokenizer.ggml.bos_token_id", 1)
        .integer("tokenizer.ggml.eos_token_id", 2);
  }
}
