package io.rivulet.sparsity.predictor;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** Samples on the heap. */
final class LayerSamples implements ActivationSamples {

  private final float[][] inputs;
  private final boolean[][] activity;

  /** Rows are tokens. */
  LayerSamples(float[][] inputs, boolean[][] activity) {
    this.inputs = inputs;
    this.activity = activity;
  }

  /**
   * Neuron i is active where row i of a matrix of a low rank, times a normally distributed input,
   * exceeds a bound: 1.3 standard deviations, which one in ten does.
   */
  static LayerSamples ofLowRank(int tokens, int width, int neurons, int rank, long seed) {
    var random = new SplittableRandom(seed);
    double[][] in = normal(random, rank, width);
    double[][] out = normal(random, neurons, rank);
    float[][] inputs = new float[tokens][width];
    boolean[][] activity = new boolean[tokens][neurons];
    for (int token = 0; token < tokens; token++) {
      double[] hidden = new double[rank];
      for (int column = 0; column < width; column++) {
        // Columns differ in place and scale, as those of hidden states do.
        double value = random.nextGaussian();
        inputs[token][column] = (float) (value * (1 + column % 5) + column % 3);
        for (int row = 0; row < rank; row++) {
          hidden[row] += in[row][column] * value;
        }
      }
      for (int neuron = 0; neuron < neurons; neuron++) {
        double score = 0;
        double square = 0;
        for (int row = 0; row < rank; row++) {
          score += out[neuron][row] * hidden[row];
          square += out[neuron][row] * out[neuron][row];
        }
        activity[token][neuron] = score > 1.3 * Math.sqrt(width * square);
      }
    }
    return new LayerSamples(inputs, activity);
  }

  private static double[][] normal(SplittableRandom random, int rows, int cols) {
    return IntStream.range(0, rows)
        .mapToObj(row -> IntStream.range(0, cols).mapToDouble(c -> random.nextGaussian()).toArray())
        .toArray(double[][]::new);
  }

  /** What is read, to be changed by a test: a row a token. */
  float[][] inputs() {
    return inputs;
  }

  /** Which neurons are active, to be changed by a test: a row a token. */
  boolean[][] activity() {
    return activity;
  }

  @Override
  public int tokens() {
    return inputs.length;
  }

  @Override
  public int width() {
    return inputs[0].length;
  }

  @Override
  public int neurons() {
    return activity[0].length;
  }

  @Override
  public void input(int token, float[] values) {
    System.arraycopy(inputs[token], 0, values, 0, width());
  }

  @Override
  public void active(int token, long[] bits) {
    Arrays.fill(bits, 0);
    for (int neuron = 0; neuron < neurons(); neuron++) {
      bits[neuron / Long.SIZE] |= activity[token][neuron] ? 1L << neuron : 0;
    }
  }
}
