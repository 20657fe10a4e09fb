package io.rivulet.sparsity.predictor;

/**
 * What a token's feed-forward network costs in one layer, in bytes read: decoding is bound by them.
 *
 * @param width columns of the predictor's input
 * @param neurons neurons of the layer
 * @param neuronBytes bytes of one neuron's rows of up, gate and down together
 * @param inputWeightBytes bytes that a weight of the predictor's first map takes; one of its second
 *     map takes 1, and a neuron 8 more for scale and bias
 */
public record LayerCost(int width, int neurons, long neuronBytes, double inputWeightBytes) {

  private static final int SCALE_AND_BIAS = 2 * Float.BYTES;

  /** Without a predictor: all neurons. */
  public double dense() {
    return (double) neurons * neuronBytes;
  }

  /** With a predictor: its bytes, and those of the neurons that it names. */
  public double predicted(int rank, double density) {
    double predictor = inputWeightBytes * rank * width + (double) neurons * (rank + SCALE_AND_BIAS);
    return predictor + density * dense();
  }
}
