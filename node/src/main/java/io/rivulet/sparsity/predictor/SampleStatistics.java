package io.rivulet.sparsity.predictor;

/**
 * What is known of samples before any training: how inputs are spread and how often each neuron is
 * active. Finds inputs that are no numbers.
 */
final class SampleStatistics {

  /** Its inverse root, and that times any weight, is a float. */
  private static final double LEAST_VARIANCE = 1e-60;

  /** The square of what rounding to float32 changes, and some. */
  private static final double RELATIVE_VARIANCE = 1e-12;

  private final int tokens;
  private final double[] sums;
  private final double[] squares;
  private final int[] activeTokens;

  /**
   * Reads all samples once.
   *
   * @throws IllegalArgumentException if there are none, or an input is NaN or infinite; names the
   *     token and the column
   */
  SampleStatistics(ActivationSamples samples) {
    tokens = samples.tokens();
    if (tokens < 1) {
      throw new IllegalArgumentException("there are no samples to train a predictor from");
    }
    sums = new double[samples.width()];
    squares = new double[samples.width()];
    activeTokens = new int[samples.neurons()];
    float[] input = new float[samples.width()];
    long[] bits = new long[samples.words()];
    for (int token = 0; token < tokens; token++) {
      samples.input(token, input);
      addInput(token, input);
      samples.active(token, bits);
      ActiveBits.forEach(bits, neuron -> activeTokens[neuron]++);
    }
  }

  private void addInput(int token, float[] input) {
    for (int column = 0; column < input.length; column++) {
      double value = input[column];
      if (!Double.isFinite(value)) {
        throw new IllegalArgumentException(
            "the input of token %d is %s in column %d: a predictor cannot learn from it"
                .formatted(token, value, column));
      }
      sums[column] += value;
      squares[column] += value * value;
    }
  }

  /** Mean of a column. */
  float mean(int column) {
    return (float) (sums[column] / tokens);
  }

  /**
   * 1 / standard deviation of a column; 0 where the column is constant, or varies by less than
   * float32 tells, and says nothing.
   */
  float inverseDeviation(int column) {
    double mean = sums[column] / tokens;
    double variance = squares[column] / tokens - mean * mean;
    double least = Math.max(LEAST_VARIANCE, RELATIVE_VARIANCE * squares[column] / tokens);
    return variance <= least ? 0 : (float) (1 / Math.sqrt(variance));
  }

  /**
   * The score at which a neuron's frequency alone is predicted: log-odds, of counts half a token
   * from none and all.
   *
   * @param positiveWeight what a token with the neuron active counts for
   */
  float bias(int neuron, float positiveWeight) {
    int active = activeTokens[neuron];
    if (active == 0) {
      return LowRankPredictor.NEVER;
    }
    if (active == tokens) {
      return LowRankPredictor.ALWAYS;
    }
    return (float) Math.log(positiveWeight * (active + 0.5) / (tokens - active + 0.5));
  }
}
