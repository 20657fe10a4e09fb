package io.rivulet.engine;

import io.rivulet.model.ForwardPass;
import io.rivulet.model.ModelSpec;
import io.rivulet.model.tokenizer.StreamingDecoder;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.IntStream;

/** One task on its way through the engine. All but {@link #cancel} belongs to the step thread. */
final class Sequence implements Generation {

  /** No row of the current batch. */
  static final int NONE = -1;

  final GenerationTask task;
  final int[] prompt;

  /** What the task does to logits. */
  LogitAdjustment adjustment = LogitAdjustment.NONE;

  /** Its blocks of the key-value cache, in the order of its positions. */
  int[] cacheBlocks = {};

  /** Tokens in the cache. */
  int computed;

  /** Tokens generated so far; {@link #lastToken} is the latest, not in the cache yet. */
  int generated;

  int lastToken;

  /** In the current batch: the last of its rows, and that row's place among the logits. */
  int row = NONE;

  int logitIndex = NONE;

  private final StreamingDecoder decoder = new StreamingDecoder();
  private final StopStrings stopStrings;
  private final GenerationListener listener;
  private final NeuronTally tally;
  private final long submittedAt = System.nanoTime();
  private long startedAt;
  private long firstTokenAt;
  private long lastTokenAt;
  private volatile boolean cancelled;

  Sequence(GenerationTask task, int[] prompt, GenerationListener listener, ModelSpec spec) {
    this.task = task;
    this.prompt = prompt;
    this.listener = listener;
    stopStrings = new StopStrings(task.stop().strings());
    tally = new NeuronTally(spec);
  }

  @Override
  public void cancel() {
    cancelled = true;
  }

  boolean cancelled() {
    return cancelled;
  }

  /** Blocks of the key-value cache that it can come to need: the last token is never put in. */
  int mostBlocks() {
    return Math.ceilDiv(prompt.length + task.maxTokens() - 1, ForwardPass.BLOCK_TOKENS);
  }

  boolean prefilling() {
    return computed < prompt.length;
  }

  /** It joins the batch; only now does it need memory for each token of the vocabulary. */
  void started(int vocabulary, int[] endTokens) {
    startedAt = System.nanoTime();
    adjustment = new LogitAdjustment(task.sampling(), vocabulary, prompt.length + task.maxTokens());
    adjustment.addPrompt(prompt);
    adjustment.bar(ends(endTokens), task.stop().minTokens());
  }

  private int[] ends(int[] endTokens) {
    IntStream ofModel = task.stop().ignoreEos() ? IntStream.empty() : IntStream.of(endTokens);
    IntStream ofTask = task.stop().tokenIds().stream().mapToInt(Integer::intValue);
    return IntStream.concat(ofModel, ofTask).toArray();
  }

  /** Whether the text has come to a stop string. */
  boolean stopped() {
    return stopStrings.complete();
  }

  /** Takes a token into account and tells the listener. */
  void emit(
      int token, byte[] bytes, Optional<LogProbabilities> logProbabilities, ForwardPass pass) {
    lastTokenAt = System.nanoTime();
    if (generated == 0) {
      firstTokenAt = lastTokenAt;
    }
    double density = tally.add(pass, row);
    int index = generated++;
    lastToken = token;
    adjustment.addGenerated(token);
    String text = decoder.accept(bytes);
    String shown = index < task.stop().minTokens() ? text : stopStrings.accept(text);
    listener.onToken(new GeneratedToken(index, token, shown, density, logProbabilities));
  }

  private String tail() {
    return stopped() ? "" : stopStrings.accept(decoder.flush()) + stopStrings.held();
  }

  /** Tells the listener that it is over. */
  void finish(FinishReason reason, Optional<String> error) {
    long now = System.nanoTime();
    boolean begun = startedAt != 0;
    Duration queued = Duration.ofNanos((begun ? startedAt : now) - submittedAt);
    Duration prefill =
        begun ? Duration.ofNanos((generated > 0 ? firstTokenAt : now) - startedAt) : Duration.ZERO;
    Duration decode = Duration.ofNanos(lastTokenAt - firstTokenAt);
    listener.onFinish(
        new GenerationResult(
            reason,
            tail(),
            prompt.length,
            generated,
            tally.layerDensity(),
            queued,
            prefill,
            decode,
            error));
  }
}
