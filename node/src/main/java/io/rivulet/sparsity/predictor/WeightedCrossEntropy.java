package io.rivulet.sparsity.predictor;

/**
 * The loss of a token's scores: binary cross-entropy of the logistic function of each, where an
 * active neuron counts {@code positiveWeight} times: {@code -w log(s(z))} for an active neuron,
 * {@code -log(1 - s(z))} for another.
 */
final class WeightedCrossEntropy {

  private static final float LOG2_E = 1.442695f;
  private static final float LN_2 = 0.6931472f;

  private WeightedCrossEntropy() {}

  /** The loss of a token, its neurons' added up. */
  static double loss(float[] scores, long[] active, float positiveWeight) {
    double sum = 0;
    for (int i = 0; i < scores.length; i++) {
      boolean on = i / Long.SIZE < active.length && (active[i / Long.SIZE] >>> i & 1) != 0;
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
   * 1 / (1 + exp(-z)), within 1e-6; flat, so that the loop above becomes vectors. 2^t is a power of
   * the whole part and a polynomial of the rest, as in Cody and Waite.
   */
  private static float logistic(float z) {
    float t = Math.max(-126f, Math.min(126f, -z * LOG2_E));
    int whole = (int) (t + 127.5f) - 127;
    float x = (t - whole) * LN_2;
    float power = 1 + x * (1 + x * (0.5f + x * (1 / 6f + x * (1 / 24f + x * (1 / 120f)))));
    return 1 / (1 + power * Float.intBitsToFloat(whole + 127 << 23));
  }
}
