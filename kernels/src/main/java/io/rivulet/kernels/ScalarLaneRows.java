package io.rivulet.kernels;

import static io.rivulet.kernels.FloatTensor.FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;

/** Products of rows that lie lane by row, without vectors. */
final class ScalarLaneRows {

  private ScalarLaneRows() {}

  /**
   * As {@link Kernels#score}.
   *
   * @param codes scratch memory for the activations' codes
   */
  static void score(
      LaneRows w, FloatTensor x, int token, FloatTensor out, int from, int to, int[] codes) {
    float largest = 0;
    for (int c = 0; c < w.cols(); c++) {
      largest = Math.max(largest, Math.abs(x.get(token, c)));
    }
    float inverse = ScalarPacked.inverse(largest);
    for (int c = 0; c < w.cols(); c++) {
      codes[c] = code(x.get(token, c), inverse);
    }
    float scale = ScalarPacked.scale(largest);
    for (int r = from; r < to; r++) {
      int dot = 0;
      for (int c = 0; c < w.cols(); c++) {
        dot += w.codes().get(JAVA_BYTE, w.codeAt(r, c)) * codes[c];
      }
      out.data().set(FLOAT, out.offset(token, r), scored(w, r, dot, scale));
    }
  }

  /** An activation as a whole number. */
  static int code(float x, float inverse) {
    return (int) (x * inverse + ScalarPacked.ROUNDER - ScalarPacked.ROUNDER);
  }

  /** The score of a row whose codes have the product. */
  static float scored(LaneRows w, int row, float dot, float scale) {
    return Math.fma(dot, w.scales().get(0, row) * scale, w.biases().get(0, row));
  }
}
