package io.rivulet.stream;

import io.rivulet.kernels.WeightType;
import io.rivulet.model.gguf.GgufWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * A {@code nemotron} file of random weights whose tokens are bytes, large enough to take its time.
 */
final class RandomModel {

  static final int CONTEXT = 512;
  private static final int LAYERS = 6;
  private static final int WIDTH = 256;
  private static final int NEURONS = 1024;
  private static final int VOCABULARY = 259;

  private final GgufWriter writer = new GgufWriter();
  private final Random random = new Random(11);

  private RandomModel() {}

  static Path write(Path file) throws IOException {
    new RandomModel().build().write(file);
    return file;
  }

  /** One that takes chats. */
  static Path write(Path file, String chatTemplate) throws IOException {
    new RandomModel().build().text("tokenizer.chat_template", chatTemplate).write(file);
    return file;
  }

  private GgufWriter build() {
    writer
        .text("general.architecture", "nemotron")
        .integer("nemotron.context_length", CONTEXT)
        .integer("nemotron.embedding_length", WIDTH)
        .integer("nemotron.block_count", LAYERS)
        .integer("nemotron.feed_forward_length", NEURONS)
        .integer("nemotron.attention.head_count", 8)
        .integer("nemotron.attention.head_count_kv", 4)
        .real("nemotron.attention.layer_norm_epsilon", 1e-5f);
    tokenizer();
    matrix("token_embd.weight", VOCABULARY, WIDTH);
    for (int layer = 0; layer < LAYERS; layer++) {
      String block = "blk." + layer + ".";
      norm(block + "attn_norm");
      matrix(block + "attn_q.weight", WIDTH, WIDTH);
      matrix(block + "attn_k.weight", WIDTH / 2, WIDTH);
      matrix(block + "attn_v.weight", WIDTH / 2, WIDTH);
      matrix(block + "attn_output.weight", WIDTH, WIDTH);
      norm(block + "ffn_norm");
      matrix(block + "ffn_up.weight", NEURONS, WIDTH);
      matrix(block + "ffn_down.weight", WIDTH, NEURONS);
    }
    norm("output_norm");
    return writer;
  }

  private void matrix(String name, int rows, int cols) {
    double scale = 1 / Math.sqrt(cols);
    writer.matrix(
        name,
        WeightType.F32,
        rows,
        cols,
        (row, into) -> {
          for (int i = 0; i < into.length; i++) {
            into[i] = (float) (random.nextGaussian() * scale);
          }
        });
  }

  private void norm(String name) {
    float[] ones = new float[WIDTH];
    Arrays.fill(ones, 1);
    writer.vector(name + ".weight", ones);
    writer.vector(name + ".bias", new float[WIDTH]);
  }

  private void tokenizer() {
    var pieces = new ArrayList<>(List.of("<unk>", "<s>", "</s>"));
    for (int i = 0; i < VOCABULARY - 3; i++) {
      pieces.add("<0x%02X>".formatted(i));
    }
    int[] kinds = new int[VOCABULARY];
    Arrays.fill(kinds, 6);
    kinds[0] = 2;
    kinds[1] = 3;
    kinds[2] = 3;
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
