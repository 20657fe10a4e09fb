package io.rivulet.sparsity.predictor;

/** Counts hits of predictions. */
final class QualityTally {

  private long truePositives;
  private long predicted;
  private long active;
  private long pairs;

  void add(float[] scores, long[] bits) {
    for (float score : scores) {
      predicted += score > 0 ? 1 : 0;
    }
    ActiveBits.forEach(
        bits,
        neuron -> {
          active++;
          truePositives += scores[neuron] > 0 ? 1 : 0;
        });
    pairs += scores.length;
  }

  PredictionQuality quality() {
    return new PredictionQuality(truePositives, predicted, active, pairs);
  }
}
