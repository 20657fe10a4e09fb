package io.rivulet.engine;

import io.rivulet.model.ForwardPass;
import io.rivulet.model.SparsityAuditor;
import io.rivulet.model.SparsityMode;
import io.rivulet.model.tokenizer.StreamingDecoder;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;

/** One task on its way through the engine. All but {@link #cancel} belongs to the step thread. */
final class Sequence implements Generation {

  /** No row of the current batch. */
  static final int NONE = -1;

  final GenerationTask task;
  final int promptTokens;

  /** The prompt's, and once it has joined what was generated after them. */
  int[] tokens;

  /** Its blocks of the key-value cache. */
  final BlockTable table;

  /** What the task does to logits. */
  LogitAdjustment adjustment = LogitAdjustment.NONE;

  /** Tokens in the cache; of those that are there, the latest generated one is not. */
  int computed;

  /** How many of them were found there. */
  int reused;

  /** Tokens generated so far. */
  int generated;

  /** In the current batch: how many of the prompt's tokens. */
  int share;

  /** In the current batch: the last of its rows, and that row's place among the logits. */
  int row = NONE;

  int logitIndex = NONE;

  private final StreamingDecoder decoder = new StreamingDecoder();
  private final StopStrings stopStrings;
  private final GenerationListener listener;
  private final NeuronTally tally;
  private final Optional<SequenceAudits> audits;
  private final long submittedAt = System.nanoTime();
  private long startedAt;
  private long firstTokenAt;
  private long lastTokenAt;
  private volatile boolean cancelled;

  /**
   * A task that has not joined.
   *
   * @param tally empty
   */
  Sequence(
      GenerationTask task,
      int[] prompt,
      GenerationListener listener,
      NeuronTally tally,
      Optional<SequenceAudits> audits) {
    this.task = task;
    tokens = prompt;
    promptTokens = prompt.length;
    table = new BlockTable(promptTokens, promptTokens + task.maxTokens() - 1, task.sparsity());
    this.listener = listener;
    stopStrings = new StopStrings(task.stop().strings());
    this.tally = tally;
    this.audits = audits;
  }

  @Override
  public void cancel() {
    cancelled = true;
  }

  boolean cancelled() {
    return cancelled;
  }

  boolean prefilling() {
    return computed < promptTokens;
  }

  /** How the token after those in the cache is computed. */
  SparsityMode mode() {
    return prefilling() ? task.sparsity().ofPrompt() : task.sparsity();
  }

  /** Who watches how its tokens are computed. */
  SparsityAuditor auditor() {
    return audits.isPresent() ? audits.get() : SparsityAuditor.NONE;
  }

  /** Before its next token is added to a batch: what audits found may change how it is computed. */
  void judge() {
    if (audits.isPresent() && computed >= promptTokens && computed % SequenceAudits.PERIOD == 0) {
      audits.get().judge();
    }
  }

  /** Tokens of the prompt that are not in the cache. */
  int unread() {
    return Math.max(0, promptTokens - computed);
  }

  /** It joins the batch; only now does it need memory for all its tokens and the vocabulary's. */
  void started(int vocabulary, int[] endTokens) {
    startedAt = System.nanoTime();
    adjustment = new LogitAdjustment(task.sampling(), vocabulary, promptTokens + task.maxTokens());
    adjustment.addPrompt(tokens);
    adjustment.bar(ends(endTokens), task.stop().minTokens());
    tokens = Arrays.copyOf(tokens, promptTokens + task.maxTokens());
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
    tokens[promptTokens + index] = token;
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
            promptTokens,
            reused,
            generated,
            tally.layers(),
            queued,
            prefill,
            decode,
            error));
  }
}
