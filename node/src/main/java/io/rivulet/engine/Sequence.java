package io.rivulet.engine;

import io.rivulet.model.ForwardPass;
import io.rivulet.model.SparsityAuditor;
import io.rivulet.model.SparsityMode;
import io.rivulet.model.tokenizer.StreamingDecoder;
import io.rivulet.model.tokenizer.Tokenizer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** One task on its way through the engine. All but {@link #cancel} belongs to the step thread. */
final class Sequence implements Generation {

  /** No row of the current batch. */
  static final int NONE = -1;

  final GenerationTask task;
  final int promptTokens;

  /** The prompt's, and those of the answer that the task continues. */
  final int givenTokens;

  /** The given ones, and once it has joined what was generated after them. */
  int[] tokens;

  /** Its blocks of the key-value cache. */
  final BlockTable table;

  /** What the task does to logits. */
  LogitAdjustment adjustment = LogitAdjustment.NONE;

  /** Tokens in the cache; of those that are there, the latest generated one is not. */
  int computed;

  /** How many of them were found there. */
  int reused;

  /** Tokens of the answer so far. */
  int generated;

  /** In the current batch: how many of the given tokens. */
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
    promptTokens = prompt.length;
    givenTokens = promptTokens + task.continued().size();
    generated = task.continued().size();
    tokens = IntStream.concat(IntStream.of(prompt), given(task)).toArray();
    table = new BlockTable(promptTokens, promptTokens + task.maxTokens() - 1, task.sparsity());
    this.listener = listener;
    stopStrings = new StopStrings(task.stop().strings());
    this.tally = tally;
    this.audits = audits;
  }

  private static IntStream given(GenerationTask task) {
    return task.continued().stream().mapToInt(Integer::intValue);
  }

  @Override
  public void cancel() {
    cancelled = true;
  }

  boolean cancelled() {
    return cancelled;
  }

  long submittedAt() {
    return submittedAt;
  }

  /** Whether tokens are read that were given. */
  boolean prefilling() {
    return computed < givenTokens;
  }

  /**
   * How the token after those in the cache is computed. A token of the answer is computed as such
   * also where it is read, or what follows would not be what it was to be.
   */
  SparsityMode mode() {
    return computed < promptTokens ? task.sparsity().ofPrompt() : task.sparsity();
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

  /** Given tokens that are not in the cache. */
  int unread() {
    return Math.max(0, givenTokens - computed);
  }

  /**
   * How many of those may be read in one step. What audits found changes how a calibrated mode
   * computes from one period of positions to the next, so its tokens of a step are of one period.
   */
  int readable() {
    if (!task.sparsity().calibrated()) {
      return unread();
    }
    int answer = Math.max(computed, promptTokens);
    int end = (answer / SequenceAudits.PERIOD + 1) * SequenceAudits.PERIOD;
    return Math.min(unread(), end - computed);
  }

  /** It joins the batch; only now does it need memory for all its tokens and the vocabulary's. */
  void started(Tokenizer tokenizer, int vocabulary, int[] endTokens) {
    startedAt = System.nanoTime();
    adjustment = new LogitAdjustment(task.sampling(), vocabulary, promptTokens + task.maxTokens());
    adjustment.addPrompt(Arrays.copyOf(tokens, promptTokens));
    adjustment.bar(ends(endTokens), task.stop().minTokens());
    for (int i = promptTokens; i < givenTokens; i++) {
      adjustment.addGenerated(tokens[i]);
      shown(i - promptTokens, tokenizer.bytes(tokens[i]));
    }
    tokens = Arrays.copyOf(tokens, promptTokens + task.maxTokens());
  }

  private int[] ends(int[] endTokens) {
    IntStream ofModel = task.stop().ignoreEos() ? IntStream.empty() : IntStream.of(endTokens);
    IntStream ofTask = task.stop().tokenIds().stream().mapToInt(Integer::intValue);
    return IntStream.concat(ofModel, ofTask).toArray();
  }

  /** Whether the answer is complete, and why. */
  Optional<FinishReason> complete() {
    if (stopStrings.complete()) {
      return Optional.of(FinishReason.STOP);
    }
    return generated == task.maxTokens() ? Optional.of(FinishReason.LENGTH) : Optional.empty();
  }

  /** Counts the neurons of those given tokens in the last batch from which an answer's came. */
  void countGiven(ForwardPass pass, int rows) {
    for (int i = 0; i < rows; i++) {
      int next = computed - rows + i + 1;
      if (next >= promptTokens && next < givenTokens) {
        tally.add(pass, row - rows + i + 1);
      }
    }
  }

  /** How long it waited for its place in the batch. */
  long queuedNanos() {
    return startedAt - submittedAt;
  }

  /** Takes a token into account and tells the listener. */
  void emit(
      int token,
      byte[] bytes,
      Optional<LogProbabilities> logProbabilities,
      ForwardPass pass,
      Statistics statistics) {
    long now = System.nanoTime();
    if (firstTokenAt == 0) {
      firstTokenAt = now;
      statistics.firstToken(now - submittedAt);
    } else {
      statistics.nextToken(now - lastTokenAt);
    }
    lastTokenAt = now;
    double density = tally.add(pass, row);
    int index = generated++;
    tokens[promptTokens + index] = token;
    adjustment.addGenerated(token);
    listener.onToken(
        new GeneratedToken(index, token, shown(index, bytes), density, logProbabilities));
  }

  /** What a token's bytes let be shown of the text. */
  private String shown(int index, byte[] bytes) {
    String text = decoder.accept(bytes);
    return index < task.stop().minTokens() ? text : stopStrings.accept(text);
  }

  private String tail() {
    return stopStrings.complete() ? "" : stopStrings.accept(decoder.flush()) + stopStrings.held();
  }

  /** Tells the listener that it is over. */
  void finish(FinishReason reason, Optional<String> error) {
    audits.ifPresent(SequenceAudits::end);
    long now = System.nanoTime();
    boolean begun = startedAt != 0;
    boolean spoke = firstTokenAt != 0;
    Duration queued = Duration.ofNanos((begun ? startedAt : now) - submittedAt);
    Duration prefill =
        begun ? Duration.ofNanos((spoke ? firstTokenAt : now) - startedAt) : Duration.ZERO;
    Duration decode = Duration.ofNanos(lastTokenAt - firstTokenAt);
    listener.onFinish(
        new GenerationResult(
            reason,
            tail(),
            promptTokens,
            reused,
            generated,
            generated > 0 && tally.isEmpty() ? List.of() : tally.layers(),
            queued,
            prefill,
            decode,
            error));
  }
}
