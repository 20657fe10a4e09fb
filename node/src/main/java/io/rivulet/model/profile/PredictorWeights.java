package io.rivulet.model.profile;

import io.rivulet.kernels.FloatTensor;
import io.rivulet.kernels.Matrix;
import io.rivulet.kernels.WeightType;

/**
 * A network of two linear layers that names the neurons of an FFN that will be active: those i with
 * {@code (out (in x))[i] + bias[i] > 0}. The threshold that its recall asks for is in the bias.
 *
 * @param in rank x width, the rank even and at most {@link #MAX_RANK}, F32; x is the normalised
 *     input of an attention block
 * @param out neurons x rank, F32 or F16
 * @param bias 1 x neurons
 */
public record PredictorWeights(Matrix in, Matrix out, FloatTensor bias, PredictionQuality quality) {

  /** The largest rank. */
  public static final int MAX_RANK = 1024;

  public PredictorWeights {
    if (in.type() != WeightType.F32
        || (out.type() != WeightType.F32 && out.type() != WeightType.F16)) {
      throw new IllegalArgumentException(
          "a predictor is stored in F32, out in F32 or F16, was %s and %s"
              .formatted(in.type(), out.type()));
    }
    if (in.rows() % 2 != 0 || in.rows() > MAX_RANK) {
      throw new IllegalArgumentException(
          "a predictor's rank is even and at most %d, was %d".formatted(MAX_RANK, in.rows()));
    }
    if (in.rows() != out.cols() || bias.rows() != 1 || bias.cols() != out.rows()) {
      throw new IllegalArgumentException(
          "a predictor of %d x %d, %d x %d and %d biases does not fit together"
              .formatted(in.rows(), in.cols(), out.rows(), out.cols(), bias.cols()));
    }
  }

  /** Numbers between its two layers. */
  public int rank() {
    return in.rows();
  }
}
