package io.rivulet.sparsity.predictor;

/**
 * The loss of a token's scores: binary cross-entropy of the logistic function of each, where an
 * active neuron counts {@code positiveWeight} times: {@code -w log(s(z))} for an active neuron,
 * {@code -log(1 - s(z))} for another.
 */
final class WeightedCrossEntropy {

  /** Scores beyond it count as it does, so that exp is a finite float. */
  private static final float MOST = 80;

  private WeightedCrossEntropy() {}

  /** The loss of a token, its neurons' added up. */
  static double loss(float[] scores, long[] active, float positiveWeight) {
    double sum = 0;
    for (int i = 0; i < scores.length; i++) {
      boolean on = i / Long.SIZE < active.length && ((active[i / Long.SIZE] >>> i) & 1) != 0;
      double against = on ? -scores[i] : scores[i];
      double softplus = Math.max(against, 0) + Math.log1p(Math.exp(-Math.abs(against)));
      sum += on ? positiveWeight * softplus : softplus;
    }
    return sum;
  }

  /** Replaces the scores by the loss's slope in them. */
  static void slopes(float[] scores, long[] active, float positiveWeight) {
    for (int i = 0; i < scores.length; i++) {
      scores[i] = logistic(scores[i]);
    }
    ActiveBits.forEach(active, i -> scores[i] = positiveWeight * (scores[i] - 1));
  }

  /**
   * 1 / (1 + exp(-z)), to within 3e-5 of itself where it matters, between scores of -20 and 20: exp
   * of a 256th by its Taylor polynomial, squared eight times. Nothing but products and sums, so
   * that the loop above becomes vectors, and the same everywhere.
   */
  private static float logistic(float z) {
    float x = Math.max(-MOST, Math.min(MOST, -z)) * (1f / 256);
    float power = 1 + x * (1 + x * (1 / 2f + x * (1 / 6f + x * (1 / 24f))));
    power *= power;
    power *= power;
    power *= power;
    power *= power;
    power *= power;
    power *= power;
    power *= power;
    power *= power;
    return 1 / (1 + power);
  }
}
