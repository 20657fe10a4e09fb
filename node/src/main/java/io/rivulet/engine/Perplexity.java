package io.rivulet.engine;

import static java.util.Objects.requireNonNull;

import io.rivulet.kernels.ThreadTeam;
import io.rivulet.model.Batch;
import io.rivulet.model.ForwardPass;
import io.rivulet.model.LoadedModel;
import java.util.Arrays;
import java.util.List;

/**
 * How well a model predicts a text: exp of the mean negative log-likelihood of its tokens.
 *
 * <p>The rule is that of llama.cpp's {@code llama-perplexity}, so that figures compare: the tokens
 * of the text are cut into windows of {@code context} that do not overlap, what is left over is
 * dropped; the first token of each window is replaced by the beginning-of-sequence token if the
 * model wants one; of a window of N tokens, those after position N/2 are scored, so that each has
 * at least N/2 tokens before it.
 */
public final class Perplexity {

  /** Hears how far it is. */
  @FunctionalInterface
  public interface Progress {
    /** A window was scored; the perplexity is that of all windows so far. */
    void onWindow(int done, int windows, double perplexity);
  }

  /**
   * How to measure.
   *
   * @param context tokens of a window, from 4 to the model's context
   * @param threads threads that compute
   */
  public record Options(int context, SparsityMode sparsity, int threads) {}

  /**
   * What was measured.
   *
   * @param tokens tokens scored
   * @param windows windows they come from
   * @param layerDensity for each layer, the mean share of neurons read
   */
  public record Result(double perplexity, long tokens, int windows, List<Double> layerDensity) {
    public Result {
      layerDensity = List.copyOf(layerDensity);
    }
  }

  private static final int CHUNK = 64;
  private static final int LEAST_CONTEXT = 4;

  private final LoadedModel model;
  private final Options options;
  private final ForwardPass pass;
  private final Batch batch = new Batch(CHUNK);
  private final NeuronTally tally;
  private final float[] scores;
  private long scored;
  private double negativeLogLikelihood;

  private Perplexity(LoadedModel model, Options options, ForwardPass pass) {
    this.model = model;
    this.options = options;
    this.pass = pass;
    tally = new NeuronTally(model.spec());
    scores = new float[model.spec().vocabulary()];
  }

  /**
   * Measures the perplexity of a text.
   *
   * @throws IllegalArgumentException if the context is out of range, or the text has less than one
   *     window of tokens
   */
  public static Result of(LoadedModel model, String text, Options options, Progress progress) {
    requireNonNull(progress, "progress is null");
    int context = options.context();
    if (context < LEAST_CONTEXT || context > model.spec().context()) {
      throw new IllegalArgumentException(
          "the context must be from %d to the model's %d, was %d"
              .formatted(LEAST_CONTEXT, model.spec().context(), context));
    }
    int[] tokens = model.tokenizer().encode(text);
    if (tokens.length < context) {
      throw new IllegalArgumentException(
          "the text has %d tokens, less than one window of %d: give a longer text or a smaller context"
              .formatted(tokens.length, context));
    }
    try (var team = new ThreadTeam(options.threads());
        var pass = model.transformer().forwardPass(team, CHUNK, CHUNK, context)) {
      return new Perplexity(model, options, pass).measure(tokens, progress);
    }
  }

  private Result measure(int[] tokens, Progress progress) {
    int windows = tokens.length / options.context();
    boolean begins = tokens[0] == model.tokenizer().bos();
    for (int window = 0; window < windows; window++) {
      int start = window * options.context();
      int[] part = Arrays.copyOfRange(tokens, start, start + options.context());
      if (begins) {
        part[0] = model.tokenizer().bos();
      }
      score(part);
      progress.onWindow(window + 1, windows, perplexity());
    }
    return new Result(perplexity(), scored, windows, tally.layerDensity());
  }

  private double perplexity() {
    return Math.exp(negativeLogLikelihood / scored);
  }

  private void score(int[] window) {
    int firstScored = window.length / 2;
    for (int from = 0; from < window.length - 1; from += CHUNK) {
      int to = Math.min(window.length - 1, from + CHUNK);
      batch.clear();
      for (int at = from; at < to; at++) {
        batch.add(window[at], at, 0, options.sparsity().skipsZeros(), at >= firstScored);
      }
      pass.run(batch);
      for (int row = 0; row < batch.size(); row++) {
        tally.add(pass, row);
      }
      for (int i = 0; i < batch.logitCount(); i++) {
        int at = to - batch.logitCount() + i;
        negativeLogLikelihood -= logProbability(i, window[at + 1]);
        scored++;
      }
    }
  }

  private double logProbability(int row, int token) {
    Logits.copy(pass.logits(), row, scores);
    float greatest = scores[0];
    for (float score : scores) {
      greatest = Math.max(greatest, score);
    }
    double sum = 0;
    for (float score : scores) {
      sum += Math.exp(score - greatest);
    }
    return scores[token] - greatest - Math.log(sum);
  }
}
