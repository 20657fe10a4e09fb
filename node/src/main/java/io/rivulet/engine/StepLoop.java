package io.rivulet.engine;

import io.rivulet.kernels.ThreadTeam;
import io.rivulet.model.Batch;
import io.rivulet.model.ForwardPass;
import io.rivulet.model.LoadedModel;
import io.rivulet.model.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The running sequences, and what a step does to them: one forward pass over the next token of each
 * sequence that generates and a chunk of the prompts that are read, then sampling. Confined to the
 * engine's thread.
 */
final class StepLoop implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(StepLoop.class);

  private final Tokenizer tokenizer;
  private final int capacity;
  private final PromptShares shares;
  private final int vocabulary;
  private final Statistics statistics;
  private final ForwardPass pass;
  private final WarmUp warmUp;
  private final Sampler sampler;
  private final LogSoftmax logSoftmax;
  private final int[] endTokens;
  private final Batch batch;
  private final KeyValueSpace space;

  /** In the order in which they joined. */
  private final List<Sequence> running = new ArrayList<>();

  StepLoop(
      LoadedModel model,
      EngineOptions options,
      int cacheTokens,
      ThreadTeam team,
      Statistics statistics) {
    this.statistics = statistics;
    tokenizer = model.tokenizer();
    capacity = options.batchSize();
    shares = new PromptShares(options.prefillChunk());
    vocabulary = model.spec().vocabulary();
    batch = new Batch(capacity + options.prefillChunk());
    sampler = new Sampler(model.transformer().kernels(), vocabulary);
    logSoftmax = new LogSoftmax(tokenizer, vocabulary);
    endTokens = IntStream.range(0, tokenizer.size()).filter(tokenizer::endsGeneration).toArray();
    space =
        new KeyValueSpace(
            Math.ceilDiv(cacheTokens, ForwardPass.BLOCK_TOKENS),
            options.prefixCacheTokens() / ForwardPass.BLOCK_TOKENS);
    int[] warmUpText = tokenizer.encode(WarmUp.TEXT);
    // Last of what can fail: nothing is left open.
    pass =
        model
            .transformer()
            .forwardPass(team, batch.capacity(), capacity, cacheTokens, options.kvType());
    warmUp = new WarmUp(model, warmUpText, pass, options.prefillChunk());
  }

  int capacity() {
    return capacity;
  }

  boolean idle() {
    return running.isEmpty();
  }

  /** Lets a sequence join, or says that there is no room for it yet. */
  boolean admit(Sequence sequence) {
    if (running.size() == capacity || !space.admit(sequence.table, sequence.tokens)) {
      return false;
    }
    if (space.shares()) {
      statistics.lookedUp(sequence.promptTokens);
    }
    reuse(sequence, sequence.table.held);
    sequence.started(tokenizer, vocabulary, endTokens);
    statistics.queued(sequence.queuedNanos());
    running.add(sequence);
    reportRoom();
    return true;
  }

  /** Steps that nobody asked for. */
  WarmUp warmUp() {
    return warmUp;
  }

  /** One step of all running sequences. */
  void step() {
    for (int i = running.size() - 1; i >= 0; i--) {
      Sequence sequence = running.get(i);
      if (sequence.cancelled()) {
        leave(sequence, FinishReason.CANCELLED, Optional.empty());
      } else {
        leaveIfComplete(sequence);
      }
    }
    if (running.isEmpty()) {
      return;
    }
    fillBatch();
    try {
      pass.run(batch);
    } catch (Throwable e) {
      log.error("a step failed", e);
      failBatch(e);
      return;
    }
    statistics.step(batch, pass);
    for (int i = 0; i < running.size(); i++) {
      Sequence sequence = running.get(i);
      sequence.countGiven(pass, sequence.share);
      space.complete(sequence.table, sequence.tokens, sequence.computed);
    }
    reportRoom();
    for (int i = running.size() - 1; i >= 0; i--) {
      if (running.get(i).logitIndex != Sequence.NONE) {
        advance(running.get(i));
      }
    }
  }

  /** Ends all running sequences: with the error if there is one, else as cancelled. */
  void endAll(Optional<String> error) {
    FinishReason reason = error.isPresent() ? FinishReason.ERROR : FinishReason.CANCELLED;
    for (Sequence sequence : List.copyOf(running)) {
      leave(sequence, reason, error);
    }
  }

  /** Ends a sequence that never joined as cancelled. */
  void finishCancelled(Sequence sequence) {
    tell(sequence, FinishReason.CANCELLED, Optional.empty());
  }

  @Override
  public void close() {
    pass.close();
  }

  private void fillBatch() {
    batch.clear();
    int going = 0;
    for (int i = 0; i < running.size(); i++) {
      Sequence sequence = running.get(i);
      sequence.row = Sequence.NONE;
      sequence.logitIndex = Sequence.NONE;
      if (sequence.prefilling()) {
        shareBlocks(sequence);
      } else {
        add(sequence, true);
        going++;
      }
    }
    statistics.goingOn(going);
    shares.divide(running, space.shares());
    for (int i = 0; i < running.size(); i++) {
      Sequence sequence = running.get(i);
      statistics.promptTokens(sequence.share);
      for (int n = 0; n < sequence.share; n++) {
        add(sequence, sequence.unread() == 1);
      }
    }
  }

  /** Others may have computed in the meantime what this one needs next. */
  private void shareBlocks(Sequence sequence) {
    if (sequence.computed % ForwardPass.BLOCK_TOKENS == 0) {
      reuse(sequence, space.share(sequence.table, sequence.tokens));
    }
  }

  private void reuse(Sequence sequence, int blocks) {
    int found = blocks * ForwardPass.BLOCK_TOKENS;
    sequence.computed += found;
    sequence.reused += found;
    statistics.reused(found);
  }

  /** Adds the sequence's next token. */
  private void add(Sequence sequence, boolean logits) {
    if (sequence.computed % ForwardPass.BLOCK_TOKENS == 0) {
      space.extend(sequence.table);
    }
    sequence.judge();
    if (logits) {
      sequence.logitIndex = batch.logitCount();
    }
    sequence.row =
        batch.add(
            sequence.tokens[sequence.computed],
            sequence.computed,
            sequence.table.blocks,
            sequence.mode(),
            sequence.auditor(),
            logits);
    sequence.computed++;
  }

  private void advance(Sequence sequence) {
    try {
      GenerationTask task = sequence.task;
      if (task.topLogprobs().isPresent()) {
        // The sampler changes the logits.
        logSoftmax.read(pass.logits(), sequence.logitIndex);
      }
      int token =
          sampler.sample(
              pass.logits(),
              sequence.logitIndex,
              task.sampling(),
              sequence.adjustment,
              sequence.generated);
      if (ends(task.stop(), token)) {
        leave(sequence, FinishReason.STOP, Optional.empty());
        return;
      }
      sequence.emit(token, tokenizer.bytes(token), logProbabilities(task, token), pass, statistics);
      leaveIfComplete(sequence);
    } catch (RuntimeException | Error e) {
      log.error("a generation failed", e);
      leave(sequence, FinishReason.ERROR, Optional.of(describe(e)));
    }
  }

  private void leaveIfComplete(Sequence sequence) {
    Optional<FinishReason> reason = sequence.complete();
    if (reason.isPresent()) {
      leave(sequence, reason.get(), Optional.empty());
    }
  }

  private boolean ends(StopParameters stop, int token) {
    return (!stop.ignoreEos() && tokenizer.endsGeneration(token))
        || stop.tokenIds().contains(token);
  }

  private Optional<LogProbabilities> logProbabilities(GenerationTask task, int token) {
    return task.topLogprobs().isPresent()
        ? Optional.of(logSoftmax.of(token, task.topLogprobs().getAsInt()))
        : Optional.empty();
  }

  /** Who is to blame is not known, and what the batch left in the cache is not to be trusted. */
  private void failBatch(Throwable cause) {
    for (Sequence sequence : List.copyOf(running)) {
      if (sequence.row != Sequence.NONE) {
        leave(sequence, FinishReason.ERROR, Optional.of(describe(cause)));
      }
    }
  }

  private void leave(Sequence sequence, FinishReason reason, Optional<String> error) {
    if (running.remove(sequence)) {
      space.leave(sequence.table);
      reportRoom();
      tell(sequence, reason, error);
    }
  }

  private static void tell(Sequence sequence, FinishReason reason, Optional<String> error) {
    try {
      sequence.finish(reason, error);
    } catch (RuntimeException | Error e) {
      log.error("a listener failed at the end of a generation", e);
    }
  }

  private void reportRoom() {
    statistics.room(running.size(), space);
  }

  private static String describe(Throwable cause) {
    return Optional.ofNullable(cause.getMessage()).orElseGet(() -> cause.getClass().getName());
  }
}
