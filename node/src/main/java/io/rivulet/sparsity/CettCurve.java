package io.rivulet.sparsity;

import io.rivulet.kernels.FloatTensor;
import java.lang.foreign.Arena;
import java.util.Arrays;

/**
 * CETT, the cumulative errors of tail truncation (arXiv:2402.03804, section 3), over ascending
 * thresholds: {@code ||sum of the outputs of neurons whose magnitude is not over the threshold|| /
 * ||sum of all outputs||}, as a mean over tokens; and the density that is left.
 *
 * <p>A token's neurons fall between the thresholds; the sum of each such part is added to the sum
 * of those below. So one pass over the down projection gives a token's whole curve. Parts are
 * summed in float32 as the model does, sums of parts and norms in float64. A token whose outputs
 * sum to zero has a CETT of 0. For one thread; {@link #add(CettCurve)} brings several together.
 */
public final class CettCurve {

  private final float[] thresholds;
  private final double[] cettSums;
  private final long[] activeSums;
  private final int neurons;
  private long tokens;

  private final float[] magnitudes;
  private final int[] part;
  private final int[] starts;
  private final int[] ids;
  private final double[] errors;

  /**
   * A curve without tokens.
   *
   * @param neurons of the layer
   * @param thresholds ascending, from 0 on, at least one
   */
  public CettCurve(int neurons, float... thresholds) {
    for (int i = 0; i < thresholds.length; i++) {
      if (!(thresholds[i] >= 0) || (i > 0 && thresholds[i] <= thresholds[i - 1])) {
        throw new IllegalArgumentException(
            "thresholds must ascend from 0 on, was " + Arrays.toString(thresholds));
      }
    }
    this.neurons = neurons;
    this.thresholds = thresholds.clone();
    cettSums = new double[thresholds.length];
    activeSums = new long[thresholds.length];
    magnitudes = new float[neurons];
    part = new int[neurons];
    starts = new int[thresholds.length + 2];
    ids = new int[neurons];
    errors = new double[thresholds.length];
  }

  /**
   * Adds a token.
   *
   * @param activations 1 x neurons: what down is multiplied by
   * @param downNorms 1 x neurons
   * @throws IllegalArgumentException if an activation is not finite; then nothing is added
   */
  public void add(FloatTensor activations, FloatTensor downNorms, NeuronSums down) {
    OutputMagnitude.of(activations, 0, downNorms, magnitudes);
    sortIntoParts();
    double[] sum = new double[down.width()];
    try (Arena arena = Arena.ofConfined()) {
      FloatTensor partSum = FloatTensor.allocate(arena, 1, down.width());
      for (int p = 0; p <= thresholds.length; p++) {
        if (starts[p + 1] > starts[p]) {
          down.sum(activations, Arrays.copyOfRange(ids, starts[p], starts[p + 1]), partSum);
          float[] values = partSum.row(0);
          for (int c = 0; c < values.length; c++) {
            sum[c] += values[c];
          }
        }
        if (p < thresholds.length) {
          errors[p] = norm(sum);
          activeSums[p] += neurons - starts[p + 1];
        }
      }
    }
    double all = norm(sum);
    for (int i = 0; i < thresholds.length && all > 0; i++) {
      cettSums[i] += errors[i] / all;
    }
    tokens++;
  }

  /** Part p holds the ids over threshold p - 1 and not over threshold p, ascending. */
  private void sortIntoParts() {
    Arrays.fill(starts, 0);
    for (int i = 0; i < neurons; i++) {
      int at = Arrays.binarySearch(thresholds, magnitudes[i]);
      part[i] = at >= 0 ? at : -at - 1;
      starts[part[i] + 1]++;
    }
    for (int p = 0; p <= thresholds.length; p++) {
      starts[p + 1] += starts[p];
    }
    int[] next = starts.clone();
    for (int i = 0; i < neurons; i++) {
      ids[next[part[i]]++] = i;
    }
  }

  private static double norm(double[] vector) {
    double squares = 0;
    for (double value : vector) {
      squares += value * value;
    }
    return Math.sqrt(squares);
  }

  /**
   * Adds the tokens of another curve.
   *
   * @throws IllegalArgumentException if it has other thresholds
   */
  public void add(CettCurve other) {
    if (neurons != other.neurons || !Arrays.equals(thresholds, other.thresholds)) {
      throw new IllegalArgumentException("curves of other neurons or thresholds");
    }
    for (int i = 0; i < thresholds.length; i++) {
      cettSums[i] += other.cettSums[i];
      activeSums[i] += other.activeSums[i];
    }
    tokens += other.tokens;
  }

  /** How many thresholds there are. */
  public int size() {
    return thresholds.length;
  }

  /** A threshold, by its index. */
  public float threshold(int index) {
    return thresholds[index];
  }

  /** Tokens added. */
  public long tokens() {
    return tokens;
  }

  /** Mean CETT at a threshold; 0 where no token was added. */
  public double cett(int index) {
    return tokens == 0 ? 0 : cettSums[index] / tokens;
  }

  /** Neurons that were over a threshold, summed over tokens. */
  public long active(int index) {
    return activeSums[index];
  }

  /** Mean share of neurons over a threshold; 0 where no token was added. */
  public double density(int index) {
    return tokens == 0 ? 0 : (double) activeSums[index] / ((double) tokens * neurons);
  }
}
