package io.rivulet.sparsity.predictor;

import static java.util.Objects.requireNonNull;

import io.rivulet.kernels.FloatTensor;
import java.lang.foreign.Arena;

/**
 * The predictor of one layer (Deja Vu, arXiv:2310.17157, without an activation between its two
 * maps): neuron i is predicted active where {@code bias[i] + out[i] . (in x) > 0}.
 *
 * @param in rank x width: reads the input as it is
 * @param out neurons x rank
 * @param bias 1 x neurons, finite
 */
public record LowRankPredictor(FloatTensor in, FloatTensor out, FloatTensor bias) {

  /** Ranks are multiples of this. */
  public static final int RANK_STEP = 16;

  /** The largest rank. */
  public static final int MOST_RANK = 1024;

  /** Bias of a neuron that is never predicted, whatever the input. */
  public static final float NEVER = -1e30f;

  /** Bias of a neuron that is always predicted. */
  public static final float ALWAYS = -NEVER;

  public LowRankPredictor {
    requireNonNull(in, "in is null");
    checkRank(in.rows());
    if (out.cols() != in.rows() || bias.rows() != 1 || bias.cols() != out.rows()) {
      throw new IllegalArgumentException(
          "predictor matrices do not fit: in %d x %d, out %d x %d, bias %d x %d"
              .formatted(in.rows(), in.cols(), out.rows(), out.cols(), bias.rows(), bias.cols()));
    }
  }

  static void checkRank(int rank) {
    if (rank < RANK_STEP || rank > MOST_RANK || rank % RANK_STEP != 0) {
      throw new IllegalArgumentException(
          "the rank must be a multiple of %d from %d to %d, was %d"
              .formatted(RANK_STEP, RANK_STEP, MOST_RANK, rank));
    }
  }

  /** Columns of its input. */
  public int width() {
    return in.cols();
  }

  /** Numbers between its two maps. */
  public int rank() {
    return in.rows();
  }

  /** Neurons that it predicts. */
  public int neurons() {
    return out.rows();
  }

  /** The same with a number added to each neuron's score; shares its matrices. */
  public LowRankPredictor shifted(float shift) {
    FloatTensor moved = FloatTensor.allocate(Arena.ofAuto(), 1, neurons());
    for (int neuron = 0; neuron < neurons(); neuron++) {
      moved.set(0, neuron, bias.get(0, neuron) + shift);
    }
    return new LowRankPredictor(in, out, moved);
  }
}
