package io.rivulet.sparsity.predictor;

import io.rivulet.kernels.FloatTensor;
import io.rivulet.kernels.Kernels;
import io.rivulet.kernels.LaneRows;
import io.rivulet.kernels.Matrix;
import io.rivulet.kernels.ThreadTeam;
import io.rivulet.kernels.WeightType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;

/**
 * Scores that a predictor gives to samples, in int8 as the runtime computes them, and which neurons
 * were active, a token at a time.
 */
public final class PredictorScores {

  /** Takes a token's scores and its active set, both overwritten for the next. */
  @FunctionalInterface
  public interface TokenScores {
    /** A token of the samples, in order. */
    void accept(float[] scores, long[] active);
  }

  private static final int BATCH = 64;

  private final ActivationSamples samples;
  private final TeamWork work;
  private final Kernels kernels;

  /** Of samples. */
  public PredictorScores(ActivationSamples samples, ThreadTeam team, Kernels kernels) {
    this.samples = samples;
    work = new TeamWork(team);
    this.kernels = kernels;
  }

  /** Hands all tokens over, in order. */
  public void forEach(LowRankPredictor predictor, TokenScores each) {
    try (Arena arena = Arena.ofShared()) {
      FloatTensor inputs = FloatTensor.allocate(arena, BATCH, samples.width());
      FloatTensor hidden = FloatTensor.allocate(arena, BATCH, predictor.rank());
      FloatTensor scores = FloatTensor.allocate(arena, BATCH, samples.neurons());
      Matrix in = matrix(arena, predictor.in());
      LaneRows out = LaneRows.of(arena, predictor.out(), predictor.bias().row(0));
      float[] input = new float[samples.width()];
      long[] active = new long[samples.words()];
      for (int first = 0; first < samples.tokens(); first += BATCH) {
        int count = Math.min(BATCH, samples.tokens() - first);
        for (int token = 0; token < count; token++) {
          samples.input(first + token, input);
          inputs.setRow(token, input);
        }
        work.columns(
            predictor.rank(), (from, to) -> kernels.multiply(in, inputs, count, hidden, from, to));
        work.columns(
            samples.neurons(),
            (from, to) -> {
              for (int token = 0; token < count; token++) {
                kernels.score(out, hidden, token, scores, from, to);
              }
            });
        for (int token = 0; token < count; token++) {
          samples.active(first + token, active);
          each.accept(scores.row(token), active);
        }
      }
    }
  }

  /** The neurons that scores name. */
  public static BitSet named(float[] scores) {
    BitSet named = new BitSet(scores.length);
    for (int neuron = 0; neuron < scores.length; neuron++) {
      if (scores[neuron] > 0) {
        named.set(neuron);
      }
    }
    return named;
  }

  /** What a predictor does on the samples. */
  PredictionQuality quality(LowRankPredictor predictor) {
    QualityTally tally = new QualityTally();
    forEach(predictor, tally::add);
    return tally.quality();
  }

  /** A matrix has no gaps between its rows, a tensor may. */
  private static Matrix matrix(Arena arena, FloatTensor tensor) {
    Matrix matrix =
        new Matrix(
            WeightType.F32,
            tensor.rows(),
            tensor.cols(),
            arena.allocate(4L * tensor.rows() * tensor.cols(), FloatTensor.ALIGNMENT));
    for (int row = 0; row < tensor.rows(); row++) {
      MemorySegment.copy(
          tensor.data(),
          tensor.offset(row, 0),
          matrix.data(),
          row * matrix.rowBytes(),
          matrix.rowBytes());
    }
    return matrix;
  }
}
