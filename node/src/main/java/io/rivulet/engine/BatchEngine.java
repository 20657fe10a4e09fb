package io.rivulet.engine;

import static java.util.Objects.requireNonNull;

import com.sun.management.OperatingSystemMXBean;
import io.rivulet.kernels.ThreadTeam;
import io.rivulet.model.ForwardPass;
import io.rivulet.model.LoadedModel;
import io.rivulet.model.ModelSpec;
import io.rivulet.model.SparsityMode;
import io.rivulet.model.chat.ChatMessage;
import io.rivulet.model.chat.ChatTemplate;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The engine: one thread that steps all running sequences together, and a team that computes for
 * it. Sequences join and leave between any two steps. Tasks are admitted in the order of their
 * priorities, equal ones in the order in which they came, as soon as the batch has a place and the
 * cache has room for all that a task may grow to. Without work the threads are parked.
 */
public final class BatchEngine implements Engine {

  private static final Logger log = LoggerFactory.getLogger(BatchEngine.class);

  private static final Duration WARM_UP = Duration.ofSeconds(3);

  private final LoadedModel model;
  private final ModelSpec spec;
  private final int cacheTokens;
  private final Statistics statistics;
  private final Audits audits;
  private final StepLoop steps;
  private final ThreadTeam team;
  private final Thread thread;

  /** One at a time, since a text takes many times its own size while it is encoded. */
  private final Lock encoding = new ReentrantLock();

  private final Lock lock = new ReentrantLock();
  private final Condition work = lock.newCondition();
  private final WaitingTasks waiting = new WaitingTasks();
  private boolean closed;

  private final CompletableFuture<String> failed = new CompletableFuture<>();
  private final Pulse pulse = new Pulse();

  private BatchEngine(LoadedModel model, EngineOptions options) {
    this.model = model;
    spec = model.spec();
    cacheTokens = cacheTokens(model, options);
    statistics = new Statistics(model.transformer(), options.threads());
    audits = new Audits(options.audits(), model, statistics);
    team = new ThreadTeam(options.threads());
    boolean made = false;
    try {
      steps = new StepLoop(model, options, cacheTokens, team, statistics);
      made = true;
    } finally {
      if (!made) {
        team.close();
      }
    }
    thread = Thread.ofPlatform().name("rivulet-engine").daemon().unstarted(this::loop);
  }

  /**
   * Starts an engine's threads. Until the first task comes, and for some seconds at most, the
   * engine computes to no end but that the JVM compiles its kernels and that {@link #tokenTimes}
   * are known.
   *
   * @param model stays the caller's, who closes it after the engine
   */
  public static BatchEngine start(LoadedModel model, EngineOptions options) {
    var engine = new BatchEngine(model, options);
    engine.thread.start();
    return engine;
  }

  @Override
  public Generation submit(GenerationTask task, GenerationListener listener) {
    requireNonNull(listener, "listener is null");
    requireInVocabulary("logit_bias", task.sampling().logitBias().keySet());
    requireInVocabulary("stop_token_ids", task.stop().tokenIds());
    requireInVocabulary("the answer so far", new HashSet<>(task.continued()));
    requireMode(task.sparsity());
    int[] prompt = encode(task.input());
    requireFits(prompt.length, task.maxTokens());
    var tally = new NeuronTally(model.transformer());
    var sequence =
        new Sequence(
            task,
            prompt,
            listener,
            tally,
            audits.of(task.sparsity(), task.sampling().seed(), tally));
    lock.lock();
    try {
      if (closed) {
        throw new IllegalStateException("the engine is closed");
      }
      waiting.add(sequence);
      work.signal();
    } finally {
      lock.unlock();
    }
    return sequence;
  }

  @Override
  public EngineLoad load() {
    int queued;
    Duration oldest;
    lock.lock();
    try {
      queued = waiting.size();
      oldest = waiting.longestWait();
    } finally {
      lock.unlock();
    }
    return statistics.load(queued, oldest, steps.capacity(), cacheTokens);
  }

  @Override
  public List<NeuronActivity> layerActivity() {
    return statistics.layerActivity();
  }

  @Override
  public CompletionStage<String> failed() {
    return failed.minimalCompletionStage();
  }

  @Override
  public Duration stalled() {
    return pulse.sinceLast();
  }

  @Override
  public List<Integer> fallenBack() {
    return statistics.fallenBack();
  }

  @Override
  public List<AuditBounds> auditBounds() {
    return audits.bounds();
  }

  /**
   * What a token takes at best in each mode that leaves something out, one sequence at a time: as
   * seen so far while the engine had nothing to do yet.
   *
   * @param patience how long to wait for that where nothing was seen; then modes may be missing
   */
  public Map<SparsityMode, Duration> tokenTimes(Duration patience) {
    return steps.warmUp().tokenTimes(patience);
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      work.signal();
    } finally {
      lock.unlock();
    }
    if (Thread.currentThread() != thread) {
      joinUninterruptibly();
    }
  }

  private void joinUninterruptibly() {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whole blocks. */
  private static int cacheTokens(LoadedModel model, EngineOptions options) {
    int most = Integer.MAX_VALUE / ForwardPass.BLOCK_TOKENS;
    int blocks = Math.ceilDiv(wantedTokens(model, options), ForwardPass.BLOCK_TOKENS);
    return Math.min(most, blocks) * ForwardPass.BLOCK_TOKENS;
  }

  private static int wantedTokens(LoadedModel model, EngineOptions options) {
    if (options.kvTokens() > 0) {
      return options.kvTokens();
    }
    return KeyValueSpace.defaultCapacity(
        options.batchSize(),
        model.spec().context(),
        model.spec().cacheBytesPerToken(options.kvType()),
        memory());
  }

  /** Bytes of memory that the machine has. */
  private static long memory() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getTotalMemorySize();
  }

  private void requireMode(SparsityMode mode) {
    if (!model.transformer().modes().contains(mode)) {
      throw new IllegalArgumentException(
          "sparsity '%s' needs a profile of this model%s: ask for 'exact', or start with --profile"
              .formatted(
                  mode.name().toLowerCase(Locale.ROOT),
                  mode == SparsityMode.PREDICTED ? " with predictors" : ""));
    }
  }

  private void requireInVocabulary(String field, Set<Integer> tokenIds) {
    for (int id : tokenIds) {
      if (id < 0 || id >= spec.vocabulary()) {
        throw new IllegalArgumentException(
            "%s names token %d, but the model's tokens are 0 to %d"
                .formatted(field, id, spec.vocabulary() - 1));
      }
    }
  }

  private int[] encode(GenerationInput input) {
    encoding.lock();
    try {
      return switch (input) {
        case GenerationInput.Text(String text) -> model.tokenizer().encode(text);
        case GenerationInput.Chat chat -> model.tokenizer().encodeWithControls(render(chat));
      };
    } finally {
      encoding.unlock();
    }
  }

  private String render(GenerationInput.Chat chat) {
    ChatTemplate template =
        model
            .chatTemplate()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "the model has no chat template, so it takes no messages: send prompt"));
    return template.render(
        chat.messages().stream()
            .map(message -> new ChatMessage(message.role(), message.content()))
            .toList(),
        chat.moment());
  }

  private void requireFits(int promptTokens, int maxTokens) {
    if (promptTokens == 0) {
      throw new IllegalArgumentException("the prompt has no tokens: give it some text");
    }
    if ((long) promptTokens + maxTokens > spec.context()) {
      throw new IllegalArgumentException(
          "a prompt of %d tokens and max_tokens of %d exceed the model's context of %d tokens: shorten one of them"
              .formatted(promptTokens, maxTokens, spec.context()));
    }
    if (promptTokens + maxTokens - 1 > cacheTokens) {
      throw new IllegalArgumentException(
          "a prompt of %d tokens and max_tokens of %d exceed the key-value cache of %d tokens: shorten one of them, or give the cache more tokens"
              .formatted(promptTokens, maxTokens, cacheTokens));
    }
  }

  private void loop() {
    try (team;
        steps) {
      Optional<String> error = Optional.empty();
      try {
        warmUp();
        pulse.beat();
        while (awaitWork()) {
          steps.step();
          pulse.beat();
        }
      } catch (RuntimeException | Error e) {
        log.error("the engine ends", e);
        error = Optional.of("the engine ended: " + e);
      } finally {
        pulse.rest();
        List<Sequence> left = refuseFurther();
        // Before the others are told, who may bring more.
        error.ifPresent(failed::complete);
        left.forEach(steps::finishCancelled);
        steps.endAll(error);
      }
    }
  }

  private void warmUp() {
    long end = System.nanoTime() + WARM_UP.toNanos();
    while (System.nanoTime() - end < 0 && !asked()) {
      steps.warmUp().step();
    }
  }

  private boolean asked() {
    lock.lock();
    try {
      return closed || !waiting.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  /** Waits for something to do, moves what can join; false once the engine is closed. */
  private boolean awaitWork() {
    List<Sequence> dropped;
    lock.lock();
    try {
      while (!closed && waiting.isEmpty() && steps.idle()) {
        pulse.rest();
        work.awaitUninterruptibly();
        pulse.beat();
      }
      if (closed) {
        return false;
      }
      dropped = waiting.removeCancelled();
      while (!waiting.isEmpty() && steps.admit(waiting.first())) {
        waiting.removeFirst();
      }
    } finally {
      lock.unlock();
    }
    dropped.forEach(steps::finishCancelled);
    return true;
  }

  private List<Sequence> refuseFurther() {
    lock.lock();
    try {
      closed = true;
      return waiting.removeAll();
    } finally {
      lock.unlock();
    }
  }
}
