package io.rivulet.model;

import io.rivulet.kernels.Activation;
import io.rivulet.kernels.RopeLayout;

/**
 * What a model is: sizes, and the choices in which architectures differ. One transformer computes
 * them all.
 *
 * @param architecture the name in the file, such as {@code nemotron}
 * @param name what the file calls the model; may be empty
 * @param vocabulary tokens
 * @param context positions that the model was trained for
 * @param width numbers in the residual stream
 * @param layers transformer blocks
 * @param heads query heads
 * @param keyValueHeads key and value heads; each serves {@code heads / keyValueHeads} query heads
 * @param headSize numbers in a head of queries, keys or values
 * @param neurons width of the FFN
 * @param gated whether the FFN is {@code down(act(gate x) * up x)} rather than {@code down(act(up
 *     x))}
 * @param activation the function in the FFN
 * @param normalization the kind of every normalisation
 * @param epsilon what a normalisation adds under the root
 * @param ropeLayout which elements of a head turn together
 * @param rotaryDims how many elements of a head turn, the first ones; even
 * @param ropeBase base of the rotary frequencies
 * @param ropeFactor linear scaling: positions are divided by it
 */
public record ModelSpec(
    String architecture,
    String name,
    int vocabulary,
    int context,
    int width,
    int layers,
    int heads,
    int keyValueHeads,
    int headSize,
    int neurons,
    boolean gated,
    Activation activation,
    Normalization normalization,
    float epsilon,
    RopeLayout ropeLayout,
    int rotaryDims,
    double ropeBase,
    double ropeFactor) {

  /** Numbers in all query heads of a token. */
  public int queryWidth() {
    return heads * headSize;
  }

  /** Numbers in all key heads of a token, and in all value heads. */
  public int keyValueWidth() {
    return keyValueHeads * headSize;
  }

  /** Whether the activation is exactly zero for some inputs, so that neurons can be skipped. */
  public boolean sparse() {
    return switch (activation) {
      case RELU, RELU_SQUARED -> true;
      case SILU, GELU, GELU_ERF -> false;
    };
  }
}
