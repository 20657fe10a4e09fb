package io.rivulet.sparsity.predictor;

import static java.util.Objects.requireNonNull;

import io.rivulet.kernels.FloatTensor;
import io.rivulet.kernels.Kernels;
import io.rivulet.kernels.ThreadTeam;
import java.lang.foreign.Arena;
import java.util.SplittableRandom;

/**
 * Trains the predictor of one layer: mini-batches in an order that the seed fixes, Adam with a
 * short warm-up and half a cosine, weighted binary cross-entropy. The same samples and options give
 * the same predictor to the bit, however many threads and whatever vectors the machine has.
 *
 * <p>Inputs are normalised column by column, and the predictor that comes out has that folded in.
 * It starts with small random weights towards the hidden numbers, none from them, and each neuron's
 * frequency. A neuron that no sample has active gets {@link LowRankPredictor#NEVER} as its bias,
 * one that all have active {@link LowRankPredictor#ALWAYS}, both without weights.
 *
 * <p>Memory: five times the parameters, and one batch; samples stay where they are.
 */
public final class PredictorTrainer {

  /** Hears how far it is. */
  @FunctionalInterface
  public interface Progress {
    /** An epoch is over; the loss is the mean over some of its tokens, a neuron. */
    void onEpoch(int done, int epochs, double loss);
  }

  /** Of a batch's tokens, in random order as they are, so many tell the loss. */
  private static final int LOSS_TOKENS = 8;

  private static final double WARM_UP = 0.03;

  private final ActivationSamples samples;
  private final TrainingOptions options;
  private final SampleStatistics statistics;
  private final TeamWork work;
  private final PredictorNetwork network;
  private final SplittableRandom random;
  private final float[] means;
  private final float[] factors;
  private final long[][] active;

  private PredictorTrainer(
      Arena arena,
      ActivationSamples samples,
      TrainingOptions options,
      ThreadTeam team,
      Kernels kernels) {
    this.samples = samples;
    this.options = options;
    work = new TeamWork(team);
    statistics = new SampleStatistics(samples);
    random = new SplittableRandom(options.seed());
    int width = samples.width();
    int batch = Math.min(options.batchTokens(), samples.tokens());
    network =
        new PredictorNetwork(arena, kernels, work, options.rank(), width, samples.neurons(), batch);
    means = new float[width];
    factors = new float[width];
    for (int column = 0; column < width; column++) {
      means[column] = statistics.mean(column);
      factors[column] = statistics.inverseDeviation(column);
    }
    active = new long[batch][samples.words()];
  }

  /**
   * Trains a predictor. It lives as long as it is reachable.
   *
   * @throws IllegalArgumentException if there are no samples or an input is not finite
   */
  public static LowRankPredictor train(
      ActivationSamples samples,
      TrainingOptions options,
      ThreadTeam team,
      Kernels kernels,
      Progress progress) {
    requireNonNull(progress, "progress is null");
    try (Arena arena = Arena.ofShared()) {
      return new PredictorTrainer(arena, samples, options, team, kernels).train(progress);
    }
  }

  private LowRankPredictor train(Progress progress) {
    initialise();
    int tokens = samples.tokens();
    int batch = active.length;
    int stepsPerEpoch = Math.ceilDiv(tokens, batch);
    long steps = (long) options.epochs() * stepsPerEpoch;
    int[] order = new int[tokens];
    for (int i = 0; i < tokens; i++) {
      order[i] = i;
    }
    for (int epoch = 0; epoch < options.epochs(); epoch++) {
      shuffle(order);
      double loss = 0;
      int measured = 0;
      for (int i = 0; i < stepsPerEpoch; i++) {
        int from = i * batch;
        int count = Math.min(batch, tokens - from);
        load(order, from, count);
        network.score(count);
        for (int token = 0; token < Math.min(LOSS_TOKENS, count); token++) {
          loss += network.loss(token, active[token], options.positiveWeight());
          measured++;
        }
        network.differentiate(count, active, options.positiveWeight());
        long step = (long) epoch * stepsPerEpoch + i;
        network.step(step + 1, learningRate(step, steps));
      }
      progress.onEpoch(epoch + 1, options.epochs(), loss / measured / samples.neurons());
    }
    return predictor();
  }

  private void initialise() {
    FloatTensor in = network.in().values();
    double scale = 1 / Math.sqrt(samples.width());
    for (int row = 0; row < options.rank(); row++) {
      for (int column = 0; column < samples.width(); column++) {
        in.set(row, column, (float) (scale * random.nextGaussian()));
      }
    }
    for (int neuron = 0; neuron < samples.neurons(); neuron++) {
      float bias = statistics.bias(neuron, options.positiveWeight());
      network.bias().values().set(0, neuron, bias);
    }
  }

  /** Fisher and Yates. */
  private void shuffle(int[] order) {
    for (int i = order.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int swapped = order[i];
      order[i] = order[j];
      order[j] = swapped;
    }
  }

  private float learningRate(long step, long steps) {
    double warmUp = Math.ceil(WARM_UP * steps);
    double rising = Math.min(1, (step + 1) / warmUp);
    return (float) (options.learningRate() * rising * (1 + Math.cos(Math.PI * step / steps)) / 2);
  }

  private void load(int[] order, int from, int count) {
    work.each(
        count,
        i -> {
          float[] input = new float[network.inputs().cols()];
          samples.input(order[from + i], input);
          for (int column = 0; column < means.length; column++) {
            double fromMean = (double) input[column] - means[column];
            input[column] = (float) (fromMean * factors[column]);
          }
          network.inputs().setRow(i, input);
          samples.active(order[from + i], active[i]);
        });
  }

  /** With the normalisation folded in, for inputs as they are. */
  private LowRankPredictor predictor() {
    Arena arena = Arena.ofAuto();
    int rank = options.rank();
    FloatTensor in = FloatTensor.allocate(arena, rank, samples.width());
    FloatTensor out = FloatTensor.allocate(arena, samples.neurons(), rank);
    FloatTensor bias = FloatTensor.allocate(arena, 1, samples.neurons());
    double[] hiddenOfMeans = new double[rank];
    for (int row = 0; row < rank; row++) {
      for (int column = 0; column < samples.width(); column++) {
        float weight = network.in().values().get(row, column) * factors[column];
        in.set(row, column, weight);
        hiddenOfMeans[row] += (double) weight * means[column];
      }
    }
    for (int neuron = 0; neuron < samples.neurons(); neuron++) {
      double score = network.bias().values().get(0, neuron);
      boolean decided = Math.abs(score) >= LowRankPredictor.ALWAYS;
      for (int row = 0; row < rank && !decided; row++) {
        float weight = network.out().values().get(row, neuron);
        out.set(neuron, row, weight);
        score -= weight * hiddenOfMeans[row];
      }
      bias.set(0, neuron, (float) score);
    }
    return new LowRankPredictor(in, out, bias);
  }
}
