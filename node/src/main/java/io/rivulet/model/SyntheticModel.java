package io.rivulet.model;

import io.rivulet.kernels.WeightType;
import io.rivulet.model.gguf.GgufWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Models of random weights in the shapes of real ones: what is measured with them is speed, and
 * other programs that read GGUF can be measured with the same file. Their texts are noise.
 */
public enum SyntheticModel {
  /** 1.2 billion weights, squared ReLU and no gate: architecture {@code nemotron}. */
  RELUSQ_1B("nemotron", "relusq-1b", 24, 8, 8192, false),
  /** 1.1 billion weights in the shape of TinyLlama, gated SiLU: architecture {@code llama}. */
  LLAMA_1B("llama", "llama-1b", 22, 4, 5632, true);

  /**
   * The share of neurons that are not zero where weights are random and nothing is done about it.
   */
  public static final double RANDOM_DENSITY = 0.5;

  private static final int CONTEXT = 2048;
  private static final int WIDTH = 2048;
  private static final int HEADS = 32;
  private static final int VOCABULARY = 32_000;
  private static final int BYTES = 256;
  private static final int POOL = 1 << 20;

  private final String architecture;
  private final String label;
  private final int layers;
  private final int keyValueHeads;
  private final int neurons;
  private final boolean gated;

  SyntheticModel(
      String architecture,
      String label,
      int layers,
      int keyValueHeads,
      int neurons,
      boolean gated) {
    this.architecture = architecture;
    this.label = label;
    this.layers = layers;
    this.keyValueHeads = keyValueHeads;
    this.neurons = neurons;
    this.gated = gated;
  }

  /** The name that people know it by, such as {@code relusq-1b}. */
  @Override
  public String toString() {
    return label;
  }

  /**
   * Throws unless the model can have the density.
   *
   * @throws IllegalArgumentException if it cannot
   */
  public void requireDensity(double density) {
    if (!(density > 0 && density < 1)) {
      throw new IllegalArgumentException("density must be over 0 and less than 1, was " + density);
    }
    if (gated && density != RANDOM_DENSITY) {
      throw new IllegalArgumentException(
          label + " has no neurons that are zero: density means nothing for it, leave it out");
    }
  }

  /**
   * Writes the model; the same arguments give the same file.
   *
   * @param type what every matrix is stored as
   * @param density the share of neurons that are not zero for a token, which a bias of the neurons
   *     brings about
   * @throws IllegalArgumentException if the model cannot have that density
   */
  public void write(Path file, WeightType type, double density) throws IOException {
    requireDensity(density);
    new Writing(type, density).build().write(file);
  }

  private final class Writing {

    private final GgufWriter writer = new GgufWriter();
    private final SplittableRandom random = new SplittableRandom(1);
    private final float[] normal = new float[POOL];
    private final WeightType type;
    private final float neuronBias;

    Writing(WeightType type, double density) {
      this.type = type;
      for (int i = 0; i < POOL; i++) {
        normal[i] = (float) random.nextGaussian();
      }
      float[] sorted = normal.clone();
      Arrays.sort(sorted);
      // What goes into a neuron of random weights after normalisation is normal, too.
      neuronBias = density == RANDOM_DENSITY ? 0 : -sorted[(int) ((1 - density) * POOL)];
    }

    GgufWriter build() {
      describe();
      vocabulary();
      matrix("token_embd", VOCABULARY, WIDTH);
      int keyValueWidth = WIDTH / HEADS * keyValueHeads;
      for (int layer = 0; layer < layers; layer++) {
        String block = "blk." + layer + ".";
        norm(block + "attn_norm");
        matrix(block + "attn_q", WIDTH, WIDTH);
        matrix(block + "attn_k", keyValueWidth, WIDTH);
        matrix(block + "attn_v", keyValueWidth, WIDTH);
        matrix(block + "attn_output", WIDTH, WIDTH);
        norm(block + "ffn_norm");
        if (gated) {
          matrix(block + "ffn_gate", neurons, WIDTH);
        }
        matrix(block + "ffn_up", neurons, WIDTH);
        if (neuronBias != 0) {
          constant(block + "ffn_up.bias", neurons, neuronBias);
        }
        matrix(block + "ffn_down", WIDTH, neurons);
      }
      norm("output_norm");
      matrix("output", VOCABULARY, WIDTH);
      return writer;
    }

    private void describe() {
      String prefix = architecture + ".";
      String epsilon = gated ? "layer_norm_rms_epsilon" : "layer_norm_epsilon";
      writer
          .text("general.architecture", architecture)
          .text("general.name", label + " (random weights)")
          .integer(prefix + "vocab_size", VOCABULARY)
          .integer(prefix + "context_length", CONTEXT)
          .integer(prefix + "embedding_length", WIDTH)
          .integer(prefix + "block_count", layers)
          .integer(prefix + "feed_forward_length", neurons)
          .integer(prefix + "attention.head_count", HEADS)
          .integer(prefix + "attention.head_count_kv", keyValueHeads)
          .integer(prefix + "rope.dimension_count", WIDTH / HEADS)
          .real(prefix + "attention." + epsilon, 1e-5f);
    }

    /** Bytes, and names for the rest, which no text is made of. */
    private void vocabulary() {
      var pieces = new ArrayList<>(List.of("<unk>", "<s>", "</s>"));
      for (int value = 0; value < BYTES; value++) {
        pieces.add("<0x%02X>".formatted(value));
      }
      int[] kinds = new int[VOCABULARY];
      Arrays.fill(kinds, 0, pieces.size(), 6);
      kinds[0] = 2;
      kinds[1] = 3;
      kinds[2] = 3;
      Arrays.fill(kinds, pieces.size(), VOCABULARY, 5);
      for (int id = pieces.size(); id < VOCABULARY; id++) {
        pieces.add("<unused" + id + ">");
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

    private void norm(String name) {
      constant(name + ".weight", WIDTH, 1);
      if (!gated) {
        constant(name + ".bias", WIDTH, 0);
      }
    }

    private void constant(String name, int length, float value) {
      float[] values = new float[length];
      Arrays.fill(values, value);
      writer.vector(name, values);
    }

    /** Each row is a stretch of the pool, from a place of its own. */
    private void matrix(String name, int rows, int cols) {
      SplittableRandom places = random.split();
      float scale = (float) (1 / Math.sqrt(cols));
      writer.matrix(
          name + ".weight",
          type,
          rows,
          cols,
          (row, into) -> {
            int start = places.nextInt(POOL - cols);
            for (int i = 0; i < cols; i++) {
              into[i] = scale * normal[start + i];
            }
          });
    }
  }
}
