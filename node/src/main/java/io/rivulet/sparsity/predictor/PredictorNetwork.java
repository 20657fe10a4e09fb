package io.rivulet.sparsity.predictor;

import io.rivulet.kernels.FloatTensor;
import io.rivulet.kernels.Kernels;
import io.rivulet.kernels.Matrix;
import io.rivulet.kernels.WeightType;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * A predictor while it learns: parameters, one batch of tokens, and the gradient of its mean loss.
 * Reads normalised inputs.
 *
 * <p>With x a token's input, h = in x and z = out h + bias its scores, and g the loss's slope in z:
 * the slopes are g h' in out, g in bias, and (out' g) x' in in. {@code out} is kept by rank (rank x
 * neurons), so that each of these products is one that the kernels of the model have, summed for
 * each element in the order of tokens or columns: nothing depends on how many threads compute.
 *
 * <p>Width and neurons are padded to whole cache lines; what is added is 0 and stays 0, and neurons
 * that are added are never active.
 */
final class PredictorNetwork {

  /** Of the two maps. */
  private static final float DECAY = 0.3f;

  private final Kernels kernels;
  private final TeamWork work;
  private final int rank;
  private final int width;
  private final int neurons;

  private final AdamRows in;
  private final AdamRows out;
  private final AdamRows bias;

  private final FloatTensor inputs;
  private final FloatTensor hidden;
  private final FloatTensor hiddenByRank;
  private final FloatTensor scores;
  private final FloatTensor ones;
  private final int[][] everyRank;
  private final int[][] everyToken;
  private final int[] rankCounts;
  private final int[] tokenCounts;

  PredictorNetwork(
      Arena arena, Kernels kernels, TeamWork work, int rank, int width, int neurons, int tokens) {
    this.kernels = kernels;
    this.work = work;
    this.rank = rank;
    this.width = padded(width);
    this.neurons = padded(neurons);
    in = new AdamRows(arena, rank, this.width, DECAY);
    out = new AdamRows(arena, rank, this.neurons, DECAY);
    bias = new AdamRows(arena, 1, this.neurons, 0);
    for (int neuron = neurons; neuron < this.neurons; neuron++) {
      bias.values().set(0, neuron, LowRankPredictor.NEVER);
    }
    inputs = FloatTensor.allocate(arena, tokens, this.width);
    hidden = FloatTensor.allocate(arena, tokens, rank);
    hiddenByRank = FloatTensor.allocate(arena, rank, tokens);
    scores = FloatTensor.allocate(arena, tokens, this.neurons);
    ones = FloatTensor.allocate(arena, 1, tokens);
    for (int token = 0; token < tokens; token++) {
      ones.set(0, token, 1);
    }
    everyRank = new int[tokens][];
    Arrays.fill(everyRank, IntStream.range(0, rank).toArray());
    everyToken = new int[rank][];
    Arrays.fill(everyToken, IntStream.range(0, tokens).toArray());
    rankCounts = new int[tokens];
    Arrays.fill(rankCounts, rank);
    tokenCounts = new int[rank];
  }

  private static int padded(int columns) {
    return Math.ceilDiv(columns, LowRankPredictor.RANK_STEP) * LowRankPredictor.RANK_STEP;
  }

  /** rank x width. */
  AdamRows in() {
    return in;
  }

  /** rank x neurons. */
  AdamRows out() {
    return out;
  }

  /** 1 x neurons. */
  AdamRows bias() {
    return bias;
  }

  /** The batch's inputs, normalised, a row a token. */
  FloatTensor inputs() {
    return inputs;
  }

  /** Scores of the first tokens of the batch. */
  void score(int tokens) {
    work.columns(
        rank,
        (from, to) -> kernels.multiply(matrix(in.values()), inputs, tokens, hidden, from, to));
    work.columns(
        neurons,
        (from, to) -> {
          kernels.accumulateRows(
              matrix(out.values()), hidden, tokens, everyRank, rankCounts, scores, from, to);
          for (int token = 0; token < tokens; token++) {
            kernels.addBias(scores, bias.values(), token, from, to);
          }
        });
  }

  /** The loss of a scored token, its neurons' added up. */
  double loss(int token, long[] active, float positiveWeight) {
    return WeightedCrossEntropy.loss(scores.row(token), active, positiveWeight);
  }

  /** The gradient of the mean over scored tokens of their loss. */
  void differentiate(int tokens, long[][] active, float positiveWeight) {
    work.each(tokens, token -> slopes(token, active[token], positiveWeight));
    Arrays.fill(tokenCounts, tokens);
    byRank(tokens);
    work.columns(
        neurons,
        (from, to) -> {
          sumTokens(scores, hiddenByRank, rank, out.gradient(), from, to);
          sumTokens(scores, ones, 1, bias.gradient(), from, to);
        });
    work.columns(
        rank,
        (from, to) -> kernels.multiply(matrix(out.values()), scores, tokens, hidden, from, to));
    byRank(tokens);
    work.columns(
        width, (from, to) -> sumTokens(inputs, hiddenByRank, rank, in.gradient(), from, to));
    float share = 1f / tokens;
    work.each(
        rank,
        row -> {
          kernels.scale(in.gradient(), row, 0, width, share);
          kernels.scale(out.gradient(), row, 0, neurons, share);
        });
    kernels.scale(bias.gradient(), 0, 0, neurons, share);
  }

  /** A step of Adam against the gradient. */
  void step(long number, float learningRate) {
    work.each(
        rank,
        row -> {
          in.move(row, number, learningRate);
          out.move(row, number, learningRate);
        });
    bias.move(0, number, learningRate);
  }

  private void slopes(int token, long[] active, float positiveWeight) {
    float[] slopes = scores.row(token);
    WeightedCrossEntropy.slopes(slopes, active, positiveWeight);
    scores.setRow(token, slopes);
  }

  private void byRank(int tokens) {
    work.each(
        rank,
        row -> {
          for (int token = 0; token < tokens; token++) {
            hiddenByRank.set(row, token, hidden.get(token, row));
          }
        });
  }

  private void sumTokens(
      FloatTensor byToken, FloatTensor factors, int rows, FloatTensor sums, int from, int to) {
    kernels.accumulateRows(matrix(byToken), factors, rows, everyToken, tokenCounts, sums, from, to);
  }

  /** The same memory: rows of whole cache lines have no gaps. */
  private static Matrix matrix(FloatTensor tensor) {
    return new Matrix(WeightType.F32, tensor.rows(), tensor.cols(), tensor.data());
  }
}
