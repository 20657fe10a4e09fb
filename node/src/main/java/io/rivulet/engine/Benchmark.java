package io.rivulet.engine;

import io.rivulet.kernels.KeyValueType;
import io.rivulet.kernels.ReadProbe;
import io.rivulet.kernels.ThreadTeam;
import io.rivulet.model.AvailableMemory;
import io.rivulet.model.Batch;
import io.rivulet.model.ForwardPass;
import io.rivulet.model.LoadedModel;
import io.rivulet.model.ModelSpec;
import io.rivulet.model.ReadAheadTally;
import io.rivulet.model.SparsityAuditor;
import io.rivulet.model.SparsityMode;
import io.rivulet.model.Transformer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * How fast a model reads prompts and generates on this machine. Prompts are a text in English, cut
 * at different places for the sequences of a batch, and what is generated is the model's own greedy
 * continuation, so that as many neurons are active as in use. Figures are medians over rounds,
 * after a round that only warms up.
 */
public final class Benchmark {

  /**
   * What to measure.
   *
   * @param promptTokens tokens of a prompt
   * @param generateTokens tokens to generate after it
   * @param batch sequences at a time
   * @param audits how often layers are audited; whatever that finds, none falls back
   * @param kvType how keys and values are stored
   * @param rounds rounds that count
   * @param warmUp how long rounds go before that do not, at least one: the JVM compiles meanwhile
   */
  public record Options(
      int promptTokens,
      int generateTokens,
      int batch,
      int threads,
      SparsityMode sparsity,
      AuditOptions audits,
      KeyValueType kvType,
      int rounds,
      Duration warmUp) {

    /**
     * A prompt of 128 tokens, 64 generated, one sequence, a thread a processor, 5 rounds after 15
     * seconds.
     */
    public static final Options DEFAULT =
        new Options(
            128,
            64,
            1,
            Runtime.getRuntime().availableProcessors(),
            SparsityMode.EXACT,
            AuditOptions.DEFAULT,
            KeyValueType.DEFAULT,
            5,
            Duration.ofSeconds(15));
  }

  /**
   * What was measured.
   *
   * @param promptTokensPerSecond all sequences together
   * @param decodeTokensPerSecond all sequences together
   * @param bytesPerToken weights read for a generated token: the matrices that a step reads whole,
   *     shared by the batch, and the rows of down that are not skipped
   * @param readBandwidth what the machine reads from memory in the same run, bytes a second
   * @param layerDensity for each layer, the mean share of neurons read while generating
   * @param unitedDensity the mean share of neurons whose up rows any sequence of the batch asked
   *     for
   * @param readAhead what was read ahead in the last round of generating, where weights are in a
   *     mapped file
   */
  public record Result(
      double promptTokensPerSecond,
      double decodeTokensPerSecond,
      double bytesPerToken,
      double readBandwidth,
      List<Double> layerDensity,
      double unitedDensity,
      Optional<ReadAheadTally> readAhead) {

    public Result {
      layerDensity = List.copyOf(layerDensity);
    }

    /** Bytes of weights read a second while generating, as a share of what the machine can read. */
    public double bandwidthShare() {
      return bytesPerToken * decodeTokensPerSecond / readBandwidth;
    }
  }

  private static final String TEXT =
      """
      It was the best of times, it was the worst of times, it was the age of wisdom, it was the age \
      of foolishness, it was the epoch of belief, it was the epoch of incredulity, it was the season \
      of Light, it was the season of Darkness, it was the spring of hope, it was the winter of \
      despair, we had everything before us, we had nothing before us. There were a king with a large \
      jaw and a queen with a plain face, on the throne of England; there were a king with a large \
      jaw and a queen with a fair face, on the throne of France.\
      """;

  private static final int OFFSET = 17;
  private static final long PROBE_BYTES = 256L << 20;

  private final ModelSpec spec;
  private final Options options;
  private final int[] text;
  private final ForwardPass pass;
  private final Batch batch;
  private final float[] scores;
  private final int[] latest;
  private final int[][] cacheBlocks;
  private final NeuronTally tally;
  private final SparsityAuditor[] auditors;
  private Optional<ReadAheadTally> readAhead = Optional.empty();

  private Benchmark(LoadedModel model, Options options, ForwardPass pass, Batch batch) {
    spec = model.spec();
    this.options = options;
    this.pass = pass;
    this.batch = batch;
    text = model.tokenizer().encode(TEXT);
    scores = new float[spec.vocabulary()];
    latest = new int[options.batch()];
    int blocks = blocks(options);
    cacheBlocks = new int[options.batch()][];
    Arrays.setAll(cacheBlocks, i -> IntStream.range(i * blocks, (i + 1) * blocks).toArray());
    tally = new NeuronTally(model.transformer());
    var audits =
        new Audits(options.audits(), model, new Statistics(model.transformer(), options.threads()));
    auditors = new SparsityAuditor[options.batch()];
    Arrays.setAll(
        auditors,
        i ->
            audits
                .of(options.sparsity(), i, tally)
                .map(SparsityAuditor.class::cast)
                .orElse(SparsityAuditor.NONE));
  }

  /**
   * Measures.
   *
   * @throws IllegalArgumentException if a number is less than 1, or a sequence does not fit the
   *     model's context
   */
  public static Result run(LoadedModel model, Options options) {
    require(model, options);
    int chunk = Math.min(options.promptTokens(), EngineOptions.DEFAULT.prefillChunk());
    Batch batch = new Batch(Math.max(chunk, options.batch()));
    int cache = options.batch() * blocks(options) * ForwardPass.BLOCK_TOKENS;
    try (var team = new ThreadTeam(options.threads());
        var pass =
            model
                .transformer()
                .forwardPass(team, batch.capacity(), options.batch(), cache, options.kvType())) {
      return new Benchmark(model, options, pass, batch).measure(model, team, chunk);
    }
  }

  /** Of the key-value cache, that a sequence takes. */
  private static int blocks(Options options) {
    int tokens = options.promptTokens() + options.generateTokens();
    return Math.ceilDiv(tokens, ForwardPass.BLOCK_TOKENS);
  }

  private static void require(LoadedModel model, Options options) {
    int least =
        Math.min(
            Math.min(options.promptTokens(), options.generateTokens()),
            Math.min(options.batch(), Math.min(options.threads(), options.rounds())));
    if (least < 1) {
      throw new IllegalArgumentException(
          "a benchmark needs at least 1 prompt token, token to generate, sequence, thread and"
              + " round: "
              + options);
    }
    long length = (long) options.promptTokens() + options.generateTokens();
    if (length > model.spec().context()) {
      throw new IllegalArgumentException(
          "%d prompt tokens and %d to generate exceed the model's context of %d tokens: ask for fewer"
              .formatted(options.promptTokens(), options.generateTokens(), model.spec().context()));
    }
  }

  private Result measure(LoadedModel model, ThreadTeam team, int chunk) {
    double[] prompt = new double[options.rounds()];
    double[] decode = new double[options.rounds()];
    long begin = System.nanoTime();
    do {
      prefill(chunk);
      generate(false);
    } while (System.nanoTime() - begin < options.warmUp().toNanos());
    for (int round = 0; round < options.rounds(); round++) {
      long start = System.nanoTime();
      prefill(chunk);
      long middle = System.nanoTime();
      generate(true);
      long end = System.nanoTime();
      prompt[round] = 1e9 * options.batch() * options.promptTokens() / (middle - start);
      decode[round] = 1e9 * options.batch() * options.generateTokens() / (end - middle);
    }
    double bandwidth = 1e9 * ReadProbe.gigabytesPerSecond(team, probeBytes(), options.rounds());
    List<Double> density = tally.layerDensity();
    Transformer transformer = model.transformer();
    double bytes =
        (double) (transformer.denseBytes() - transformer.upBytes()) / options.batch()
            + upBytes(transformer, tally.united())
            + transformer.downBytes() * mean(density);
    return new Result(
        median(prompt), median(decode), bytes, bandwidth, density, tally.united(), readAhead);
  }

  /** More than caches hold, where there is memory for it. */
  private static long probeBytes() {
    return Math.min(PROBE_BYTES, AvailableMemory.bytes() / 16);
  }

  /** Of gate and up, and of predictors where they say what of these: shared by the batch. */
  private double upBytes(Transformer transformer, double united) {
    double bytes =
        united == 1
            ? transformer.upBytes()
            : transformer.predictorBytes() + transformer.upBytes() * united;
    return bytes / options.batch();
  }

  private static double mean(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).average().orElse(1);
  }

  private void prefill(int chunk) {
    for (int sequence = 0; sequence < options.batch(); sequence++) {
      for (int from = 0; from < options.promptTokens(); from += chunk) {
        int to = Math.min(options.promptTokens(), from + chunk);
        batch.clear();
        for (int at = from; at < to; at++) {
          int token = text[(at + OFFSET * sequence) % text.length];
          add(sequence, token, at, options.sparsity().ofPrompt(), at == options.promptTokens() - 1);
        }
        pass.run(batch);
      }
      latest[sequence] = greedy(0);
    }
  }

  private void generate(boolean counts) {
    Optional<ReadAheadTally> before = pass.readAhead();
    for (int i = 0; i < options.generateTokens(); i++) {
      batch.clear();
      for (int sequence = 0; sequence < options.batch(); sequence++) {
        add(sequence, latest[sequence], options.promptTokens() + i, options.sparsity(), true);
      }
      pass.run(batch);
      for (int sequence = 0; sequence < options.batch(); sequence++) {
        latest[sequence] = greedy(sequence);
        if (counts) {
          tally.add(pass, sequence);
        }
      }
      if (counts) {
        tally.addStep(pass);
      }
    }
    readAhead = before.flatMap(tallied -> pass.readAhead().map(now -> now.since(tallied)));
  }

  private void add(int sequence, int token, int position, SparsityMode mode, boolean logits) {
    batch.add(token, position, cacheBlocks[sequence], mode, auditors[sequence], logits);
  }

  private int greedy(int row) {
    Logits.copy(pass.logits(), row, scores);
    return Logits.strongest(scores);
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
