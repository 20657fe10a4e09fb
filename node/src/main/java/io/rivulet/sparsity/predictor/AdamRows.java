package io.rivulet.sparsity.predictor;

import io.rivulet.kernels.FloatTensor;
import java.lang.foreign.Arena;

/**
 * Parameters and how Adam moves them against their gradient (Kingma and Ba, arXiv:1412.6980,
 * algorithm 1), with a decay of its own towards 0 (AdamW, arXiv:1711.05101). Rows are independent
 * of each other.
 */
final class AdamRows {

  private static final float MEAN_DECAY = 0.9f;
  private static final float SQUARE_DECAY = 0.99f;
  private static final float EPSILON = 1e-8f;

  private final float decay;
  private final FloatTensor values;
  private final FloatTensor gradient;
  private final float[][] means;
  private final float[][] squares;

  /**
   * Zeros.
   *
   * @param decay share of a value that a step takes away, times the learning rate
   */
  AdamRows(Arena arena, int rows, int cols, float decay) {
    this.decay = decay;
    values = FloatTensor.allocate(arena, rows, cols);
    gradient = FloatTensor.allocate(arena, rows, cols);
    means = new float[rows][cols];
    squares = new float[rows][cols];
  }

  FloatTensor values() {
    return values;
  }

  /** Where the gradient is to be written before a step. */
  FloatTensor gradient() {
    return gradient;
  }

  /**
   * Moves a row.
   *
   * @param step number of the step, from 1
   */
  void move(int row, long step, float learningRate) {
    float meanScale = (float) (1 / (1 - Math.pow(MEAN_DECAY, (double) step)));
    float squareScale = (float) (1 / (1 - Math.pow(SQUARE_DECAY, (double) step)));
    float[] moved = values.row(row);
    float[] slope = gradient.row(row);
    float kept = 1 - decay * learningRate;
    move(moved, slope, means[row], squares[row], kept, learningRate * meanScale, squareScale);
    values.setRow(row, moved);
  }

  private static void move(
      float[] values,
      float[] gradient,
      float[] means,
      float[] squares,
      float kept,
      float rate,
      float scale) {
    for (int i = 0; i < values.length; i++) {
      float slope = gradient[i];
      float mean = MEAN_DECAY * means[i] + (1 - MEAN_DECAY) * slope;
      float square = SQUARE_DECAY * squares[i] + (1 - SQUARE_DECAY) * slope * slope;
      means[i] = mean;
      squares[i] = square;
      float change = rate * mean / ((float) Math.sqrt(square * scale) + EPSILON);
      values[i] = kept * values[i] - change;
    }
  }
}
