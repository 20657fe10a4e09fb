package io.rivulet.engine;

import static java.util.Objects.requireNonNull;

import io.rivulet.kernels.KeyValueType;
import io.rivulet.kernels.ThreadTeam;
import io.rivulet.model.Batch;
import io.rivulet.model.ForwardPass;
import io.rivulet.model.LoadedModel;
import io.rivulet.model.SparsityMode;
import io.rivulet.model.Transformer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * How well a model predicts a text: exp of the mean negative log-likelihood of its tokens.
 *
 * <p>Without a stride the rule is that of llama.cpp's {@code llama-perplexity}, so that figures
 * compare: the tokens of the text are cut into windows of {@code context} that do not overlap, what
 * is left over is dropped; of a window of N tokens, those after position N/2 are scored, so that
 * each has at least N/2 tokens before it.
 *
 * <p>With a stride the window slides: it moves on by so many tokens, and of each window the tokens
 * are scored that none before it held, so that every token of the text but the first is scored
 * once, all but those of the first window with at least {@code context - stride} tokens before it.
 *
 * <p>Either way the first token of each window is replaced by the beginning-of-sequence token if
 * the model wants one.
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
   * @param stride tokens from one window to the next where they slide, less than context; absent:
   *     windows do not overlap and their second halves are scored
   * @param kvType how keys and values are stored
   * @param threads threads that compute
   */
  public record Options(
      int context, OptionalInt stride, SparsityMode sparsity, KeyValueType kvType, int threads) {}

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

  /**
   * Tokens that are computed together.
   *
   * @param firstScored the first place in the text whose token is scored
   * @param end one past its last place
   */
  private record Window(int start, int firstScored, int end) {}

  private static final int CHUNK = 64;
  private static final int LEAST_CONTEXT = 4;

  private final LoadedModel model;
  private final Options options;
  private final ForwardPass pass;
  private final Batch batch = new Batch(CHUNK);
  private final NeuronTally tally;
  private final float[] scores;
  private final int[] cacheBlocks;
  private long scored;
  private double negativeLogLikelihood;

  private Perplexity(LoadedModel model, Options options, ForwardPass pass) {
    this.model = model;
    this.options = options;
    this.pass = pass;
    tally = new NeuronTally(model.transformer());
    scores = new float[model.spec().vocabulary()];
    cacheBlocks = IntStream.range(0, pass.cacheBlocks()).toArray();
  }

  /**
   * Measures the perplexity of a text.
   *
   * @throws IllegalArgumentException if the context or the stride is out of range, or the text has
   *     less than one window of tokens
   */
  public static Result of(LoadedModel model, String text, Options options, Progress progress) {
    return of(model, model.transformer(), text, options, progress);
  }

  /**
   * The same of the model's weights with another profile.
   *
   * @param transformer of the model
   */
  public static Result of(
      LoadedModel model, Transformer transformer, String text, Options options, Progress progress) {
    requireNonNull(progress, "progress is null");
    int context = options.context();
    if (context < LEAST_CONTEXT || context > model.spec().context()) {
      throw new IllegalArgumentException(
          "the context must be from %d to the model's %d, was %d"
              .formatted(LEAST_CONTEXT, model.spec().context(), context));
    }
    if (options.stride().isPresent()) {
      int stride = options.stride().getAsInt();
      if (stride < 1 || stride >= context) {
        throw new IllegalArgumentException(
            "the stride must be at least 1 and less than the context of %d, was %d"
                .formatted(context, stride));
      }
    }
    int[] tokens = model.tokenizer().encode(text);
    if (tokens.length < context) {
      throw new IllegalArgumentException(
          "the text has %d tokens, less than one window of %d: give a longer text or a smaller context"
              .formatted(tokens.length, context));
    }
    try (var team = new ThreadTeam(options.threads());
        var pass = transformer.forwardPass(team, CHUNK, CHUNK, context, options.kvType())) {
      return new Perplexity(model, options, pass).measure(tokens, progress);
    }
  }

  private Result measure(int[] tokens, Progress progress) {
    List<Window> windows = windows(tokens.length);
    boolean begins = tokens[0] == model.tokenizer().bos();
    for (int i = 0; i < windows.size(); i++) {
      Window window = windows.get(i);
      int[] part = Arrays.copyOfRange(tokens, window.start(), window.end());
      if (begins) {
        part[0] = model.tokenizer().bos();
      }
      score(part, window.firstScored() - window.start());
      progress.onWindow(i + 1, windows.size(), perplexity());
    }
    return new Result(perplexity(), scored, windows.size(), tally.layerDensity());
  }

  private List<Window> windows(int length) {
    return options.stride().isPresent()
        ? slidingWindows(length, options.stride().getAsInt())
        : separateWindows(length);
  }

  private List<Window> separateWindows(int length) {
    int context = options.context();
    var windows = new ArrayList<Window>();
    for (int start = 0; start + context <= length; start += context) {
      windows.add(new Window(start, start + context / 2 + 1, start + context));
    }
    return windows;
  }

  private List<Window> slidingWindows(int length, int stride) {
    var windows = new ArrayList<Window>();
    int end = 1;
    for (int start = 0; end < length; start += stride) {
      int firstScored = end;
      end = Math.min(length, start + options.context());
      windows.add(new Window(start, firstScored, end));
    }
    return windows;
  }

  private double perplexity() {
    return Math.exp(negativeLogLikelihood / scored);
  }

  private void score(int[] window, int firstScored) {
    for (int from = 0; from < window.length - 1; from += CHUNK) {
      int to = Math.min(window.length - 1, from + CHUNK);
      batch.clear();
      for (int at = from; at < to; at++) {
        batch.add(window[at], at, cacheBlocks, options.sparsity(), at + 1 >= firstScored);
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
    return scores[token] - Logits.logSumExp(scores);
  }
}
