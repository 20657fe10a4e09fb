package io.rivulet.engine;

import io.rivulet.kernels.FloatTensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Scores on their way from the kernels' memory. */
final class Logits {

  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT.withOrder(ByteOrder.LITTLE_ENDIAN);

  private Logits() {}

  /** Copies a row. */
  static void copy(FloatTensor logits, int row, float[] out) {
    MemorySegment.copy(logits.data(), FLOAT, logits.offset(row, 0), out, 0, out.length);
  }

  /** Copies into a row. */
  static void copy(float[] scores, FloatTensor logits, int row) {
    MemorySegment.copy(scores, 0, logits.data(), FLOAT, logits.offset(row, 0), scores.length);
  }

  /** The logarithm of the sum of exp over all scores: a score less this is a log-probability. */
  static double logSumExp(float[] scores) {
    double greatest = scores[strongest(scores)];
    double sum = 0;
    for (float score : scores) {
      sum += Math.exp(score - greatest);
    }
    return greatest + Math.log(sum);
  }

  /** The id of the greatest score, the lowest of equals. */
  static int strongest(float[] scores) {
    int strongest = 0;
    for (int id = 1; id < scores.length; id++) {
      if (scores[id] > scores[strongest]) {
        strongest = id;
      }
    }
    return strongest;
  }
}
