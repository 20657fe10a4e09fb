package io.rivulet.trainer;

import java.util.ArrayList;
import java.util.List;

/**
 * The sizes of a decoder as GGUF architecture {@code nemotron} describes it: LayerNorm with bias,
 * rotary positions on split halves, grouped key/value heads, and an ungated squared-ReLU
 * feed-forward network.
 *
 * @param vocabulary number of tokens
 * @param width model width
 * @param layers number of blocks
 * @param heads query heads; the head size is width / heads
 * @param groups key/value heads
 * @param hidden feed-forward width
 * @param context longest sequence the model is trained on
 */
record ModelShape(
    int vocabulary, int width, int layers, int heads, int groups, int hidden, int context) {
  static final double NORM_EPSILON = 1e-5;
  static final double ROPE_BASE = 10_000;

  /** Tensors of one block, in the order of {@link #tensors()}. */
  static final int TENSORS_PER_LAYER = 10;

  ModelShape {
    if (width % heads != 0 || heads % groups != 0 || (width / heads) % 2 != 0) {
      throw new IllegalArgumentException(
          "width %d must divide into %d heads of even size, and those into %d groups"
              .formatted(width, heads, groups));
    }
  }

  int headSize() {
    return width / heads;
  }

  /** What kind of optimiser step and GGUF type a tensor gets. */
  enum Kind {
    EMBEDDING,
    NORM_WEIGHT,
    NORM_BIAS,
    /** A matrix that reads the residual stream. */
    INNER,
    /** A matrix that writes to the residual stream; starts at zero. */
    OUTPUT
  }

  /**
   * One tensor.
   *
   * @param name its GGUF name
   * @param rows output size, or the length of a vector
   * @param columns input size; 1 for a vector
   */
  record Tensor(String name, Kind kind, int rows, int columns) {
    boolean matrix() {
      return kind == Kind.INNER || kind == Kind.OUTPUT;
    }

    long[] dimensions() {
      return columns == 1 ? new long[] {rows} : new long[] {rows, columns};
    }

    int size() {
      return rows * columns;
    }
  }

  /**
   * Every trained tensor in a fixed order. The output matrix is the embedding, see {@link
   * #EMBEDDING_SCALE}.
   */
  List<Tensor> tensors() {
    List<Tensor> all = new ArrayList<>();
    all.add(new Tensor("token_embd.weight", Kind.EMBEDDING, vocabulary, width));
    for (int layer = 0; layer < layers; layer++) {
      String prefix = "blk." + layer + ".";
      all.add(new Tensor(prefix + "attn_norm.weight", Kind.NORM_WEIGHT, width, 1));
      all.add(new Tensor(prefix + "attn_norm.bias", Kind.NORM_BIAS, width, 1));
      all.add(new Tensor(prefix + "attn_q.weight", Kind.INNER, width, width));
      all.add(new Tensor(prefix + "attn_k.weight", Kind.INNER, groups * headSize(), width));
      all.add(new Tensor(prefix + "attn_v.weight", Kind.INNER, groups * headSize(), width));
      all.add(new Tensor(prefix + "attn_output.weight", Kind.OUTPUT, width, width));
      all.add(new Tensor(prefix + "ffn_norm.weight", Kind.NORM_WEIGHT, width, 1));
      all.add(new Tensor(prefix + "ffn_norm.bias", Kind.NORM_BIAS, width, 1));
      all.add(new Tensor(prefix + "ffn_up.weight", Kind.INNER, hidden, width));
      all.add(new Tensor(prefix + "ffn_down.weight", Kind.OUTPUT, width, hidden));
    }
    all.add(new Tensor("output_norm.weight", Kind.NORM_WEIGHT, width, 1));
    all.add(new Tensor("output_norm.bias", Kind.NORM_BIAS, width, 1));
    return all;
  }

  /**
   * The input embedding is the output matrix times this constant: tied weights, but a residual
   * stream that starts at a useful size. The file carries both matrices, so a reader needs to know
   * nothing of it.
   */
  static final double EMBEDDING_SCALE = 16;
}
