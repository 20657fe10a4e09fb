package io.rivulet.stream;

import io.rivulet.engine.AuditBounds;
import io.rivulet.engine.AuditTotals;
import io.rivulet.engine.DensityBounds;
import io.rivulet.engine.Engine;
import io.rivulet.engine.EngineLoad;
import io.rivulet.engine.EngineSteps;
import io.rivulet.engine.EngineTimes;
import io.rivulet.engine.FinishReason;
import io.rivulet.engine.GeneratedToken;
import io.rivulet.engine.Generation;
import io.rivulet.engine.GenerationInput;
import io.rivulet.engine.GenerationListener;
import io.rivulet.engine.GenerationResult;
import io.rivulet.engine.GenerationTask;
import io.rivulet.engine.NeuronActivity;
import io.rivulet.engine.PrefixCacheLoad;
import io.rivulet.engine.TimeCounts;
import io.rivulet.engine.WeightBytes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/**
 * An engine without a model: the tokens are a function of prompt, seed and index, and come at a
 * steady pace for all sequences at once.
 */
public final class PacedEngine implements Engine {

  static final int CONTEXT = 1000;
  private static final int CAPACITY = 4;

  private final Duration pace;
  private final List<Sequence> running = new ArrayList<>();
  private final Thread stepper;
  private final CompletableFuture<String> failed = new CompletableFuture<>();
  private volatile Duration stalled = Duration.ZERO;
  private long generated;
  private boolean closed;

  public PacedEngine(Duration pace) {
    this.pace = pace;
    this.stepper = Thread.ofPlatform().name("paced-engine").daemon().start(this::steps);
  }

  static int token(String prompt, long seed, int index) {
    return Math.floorMod(Objects.hash(prompt, seed, index), 1000);
  }

  @Override
  public synchronized Generation submit(GenerationTask task, GenerationListener listener) {
    if (closed) {
      throw new IllegalStateException("closed");
    }
    if (task.maxTokens() > CONTEXT) {
      throw new IllegalArgumentException(
          "max_tokens must be at most " + CONTEXT + ", was " + task.maxTokens());
    }
    var sequence = new Sequence(task, listener);
    running.add(sequence);
    return sequence;
  }

  private void steps() {
    while (true) {
      LockSupport.parkNanos(pace.toNanos());
      synchronized (this) {
        if (closed) {
          return;
        }
        int inBatch = Math.min(CAPACITY, running.size());
        for (Sequence sequence : List.copyOf(running.subList(0, inBatch))) {
          sequence.step();
        }
      }
    }
  }

  @Override
  public synchronized EngineLoad load() {
    int inBatch = Math.min(CAPACITY, running.size());
    return new EngineLoad(
        2,
        running.size() - inBatch,
        Duration.ZERO,
        inBatch,
        CAPACITY,
        0,
        CONTEXT,
        0,
        generated,
        new EngineSteps(generated, generated, 2 * generated, 1000 * generated),
        new PrefixCacheLoad(9, 7, 64, 32),
        new EngineTimes(times(0), times(0), times(generated)));
  }

  @Override
  public synchronized List<NeuronActivity> layerActivity() {
    return activity(generated);
  }

  private static TimeCounts times(long count) {
    return new TimeCounts(
        List.of(Duration.ofMillis(10)), List.of(count, 0L), Duration.ofMillis(5 * count));
  }

  @Override
  public List<Integer> fallenBack() {
    return List.of(0, 1);
  }

  @Override
  public List<AuditBounds> auditBounds() {
    return List.of(
        new AuditBounds(OptionalDouble.of(0.9), OptionalDouble.of(0.25)),
        new AuditBounds(OptionalDouble.empty(), OptionalDouble.of(0.75)));
  }

  /**
   * Two layers of four neurons: the first names two a token, of which one is active, as are all
   * others, and reads that; the second has fallen back and reads three.
   */
  private static List<NeuronActivity> activity(long tokens) {
    var audits = new AuditTotals(tokens, 0.125 * tokens, 4 * tokens, 2 * tokens, tokens);
    return List.of(
        new NeuronActivity(
            4,
            tokens,
            tokens,
            tokens,
            0,
            tokens,
            2 * tokens,
            audits,
            new WeightBytes(10 * tokens, 30 * tokens),
            counts(9, tokens)),
        new NeuronActivity(
            4,
            tokens,
            3 * tokens,
            tokens,
            tokens,
            0,
            0,
            AuditTotals.NONE,
            new WeightBytes(40 * tokens, 0),
            counts(11, tokens)));
  }

  /** All tokens in one bin of the densities'. */
  static List<Long> counts(int bin, long tokens) {
    return IntStream.range(0, DensityBounds.ALL.size())
        .mapToObj(i -> i == bin ? tokens : 0)
        .toList();
  }

  @Override
  public CompletionStage<String> failed() {
    return failed;
  }

  /** Ends as if it had come upon an error. */
  void fail(String reason) {
    failed.complete(reason);
    close();
  }

  @Override
  public Duration stalled() {
    return stalled;
  }

  /** Seems to have stood still for as long. */
  void stall(Duration time) {
    stalled = time;
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      for (Sequence sequence : List.copyOf(running)) {
        sequence.finish(FinishReason.CANCELLED);
      }
    }
    try {
      stepper.join(TimeUnit.SECONDS.toMillis(10));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private final class Sequence implements Generation {

    private final GenerationTask task;
    private final GenerationListener listener;
    private int next;

    Sequence(GenerationTask task, GenerationListener listener) {
      this.task = task;
      this.listener = listener;
      this.next = task.continued().size();
    }

    void step() {
      int id = token(prompt(), task.sampling().seed(), next);
      listener.onToken(new GeneratedToken(next, id, " w" + id, 0.5, Optional.empty()));
      next++;
      generated++;
      if (next == task.maxTokens()) {
        finish(FinishReason.LENGTH);
      }
    }

    private String prompt() {
      return switch (task.input()) {
        case GenerationInput.Text(String text) -> text;
        case GenerationInput.Chat chat -> chat.messages().toString();
      };
    }

    void finish(FinishReason reason) {
      running.remove(this);
      listener.onFinish(
          new GenerationResult(
              reason,
              "",
              prompt().length(),
              prompt().length() - 1,
              next,
              activity(next),
              Duration.ZERO,
              Duration.ofMillis(1),
              pace.multipliedBy(next),
              Optional.empty()));
    }

    @Override
    public void cancel() {
      synchronized (PacedEngine.this) {
        if (running.contains(this)) {
          finish(FinishReason.CANCELLED);
        }
      }
    }
  }
}
