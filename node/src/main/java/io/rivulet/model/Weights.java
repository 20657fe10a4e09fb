package io.rivulet.model;

import io.rivulet.kernels.Matrix;
import java.util.List;
import java.util.Optional;

/** All weights of a model. */
final class Weights {

  private final Matrix embedding;
  private final Optional<Matrix> positions;
  private final float[] frequencyDivisors;
  private final List<LayerWeights> layers;
  private final Norm outputNorm;
  private final Linear output;

  /**
   * Takes them.
   *
   * @param embedding vocabulary x width, a row a token
   * @param positions context x width, a row a position, where they are learned
   * @param frequencyDivisors what rotary frequencies are divided by, half as many as dimensions
   *     turn
   * @param output vocabulary x width; the embedding itself where they are tied
   */
  Weights(
      Matrix embedding,
      Optional<Matrix> positions,
      float[] frequencyDivisors,
      List<LayerWeights> layers,
      Norm outputNorm,
      Linear output) {
    this.embedding = embedding;
    this.positions = positions;
    this.frequencyDivisors = frequencyDivisors.clone();
    this.layers = List.copyOf(layers);
    this.outputNorm = outputNorm;
    this.output = output;
  }

  /**
   * Bytes of the weights that every step reads, whatever the activations: all but the down rows.
   */
  long denseBytes() {
    return layers.stream().mapToLong(LayerWeights::denseBytes).sum() + output.bytes();
  }

  /** Whether a map of the width of the residual stream reads codes. */
  boolean widthAsCodes() {
    return output.readsCodes()
        || layers.stream()
            .anyMatch(layer -> layer.attention().readsCodes() || layer.feedForward().readsCodes());
  }

  Matrix embedding() {
    return embedding;
  }

  Optional<Matrix> positions() {
    return positions;
  }

  float[] frequencyDivisors() {
    return frequencyDivisors.clone();
  }

  List<LayerWeights> layers() {
    return layers;
  }

  Norm outputNorm() {
    return outputNorm;
  }

  Linear output() {
    return output;
  }
}
