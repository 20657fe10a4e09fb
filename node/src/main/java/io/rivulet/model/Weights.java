package io.rivulet.model;

import io.rivulet.kernels.Matrix;
import java.util.List;

/** All weights of a model. */
final class Weights {

  private final Matrix embedding;
  private final float[] frequencies;
  private final List<LayerWeights> layers;
  private final Norm outputNorm;
  private final Matrix output;

  /**
   * Takes them.
   *
   * @param embedding vocabulary x width, a row a token
   * @param frequencies rotary frequencies in radians a position, half as many as dimensions turn
   * @param output vocabulary x width; the embedding itself where they are tied
   */
  Weights(
      Matrix embedding,
      float[] frequencies,
      List<LayerWeights> layers,
      Norm outputNorm,
      Matrix output) {
    this.embedding = embedding;
    this.frequencies = frequencies.clone();
    this.layers = List.copyOf(layers);
    this.outputNorm = outputNorm;
    this.output = output;
  }

  Matrix embedding() {
    return embedding;
  }

  /** The array itself, for the kernels; not to be changed. */
  float[] frequencies() {
    return frequencies;
  }

  List<LayerWeights> layers() {
    return layers;
  }

  Norm outputNorm() {
    return outputNorm;
  }

  Matrix output() {
    return output;
  }
}
