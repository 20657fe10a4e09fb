package io.rivulet.sparsity;

/**
 * Top-average co-activation gap (arXiv:2402.03804): for a neuron i, how often its most co-active
 * other neuron is active when i is, less the mean over all other neurons; averaged over the neurons
 * that were ever active.
 */
public final class CoActivation {

  /** Of layers with more neurons, every second, third, ... is taken as i, so that not more are. */
  public static final int MOST_NEURONS = 4096;

  private CoActivation() {}

  /** The gap over a sample of tokens; 0 where no neuron was active or there is one alone. */
  public static double gap(ActivationSample sample) {
    int step = Math.ceilDiv(sample.neurons(), MOST_NEURONS);
    double gaps = 0;
    int count = 0;
    for (int neuron = 0; neuron < sample.neurons(); neuron += step) {
      if (sample.active(neuron) > 0 && sample.neurons() > 1) {
        gaps += gap(sample, neuron);
        count++;
      }
    }
    return count == 0 ? 0 : gaps / count;
  }

  private static double gap(ActivationSample sample, int neuron) {
    int top = 0;
    long sum = 0;
    for (int other = 0; other < sample.neurons(); other++) {
      if (other != neuron) {
        int together = sample.together(neuron, other);
        top = Math.max(top, together);
        sum += together;
      }
    }
    double mean = (double) sum / (sample.neurons() - 1);
    return (top - mean) / sample.active(neuron);
  }
}
