package io.rivulet.engine;

import io.rivulet.model.Batch;
import io.rivulet.model.ForwardPass;
import io.rivulet.model.Transformer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/** Running totals, written by the engine's thread and read by any. */
final class Statistics {

  private final Lock lock = new ReentrantLock();

  /** Guarded by the lock. */
  private final NeuronTally tally;

  /** For each layer, the running answers that it has fallen back for. Guarded by the lock. */
  private final int[] fallenBack;

  private final int threads;

  private final AtomicLong promptTokens = new AtomicLong();
  private final AtomicLong lookedUpTokens = new AtomicLong();
  private final AtomicLong reusedTokens = new AtomicLong();
  private final AtomicLong generatedTokens = new AtomicLong();
  private final AtomicLong steps = new AtomicLong();
  private final AtomicLong decodingSteps = new AtomicLong();
  private final AtomicLong answersInSteps = new AtomicLong();
  private final AtomicLong weightBytes = new AtomicLong();
  private final TimeTally queue = TimeTally.ofRequests();
  private final TimeTally firstToken = TimeTally.ofRequests();
  private final TimeTally nextToken = TimeTally.ofTokens();
  private volatile int running;
  private volatile int blocksUsed;
  private volatile int blocksFindable;
  private volatile long evictions;

  Statistics(Transformer transformer, int threads) {
    tally = new NeuronTally(transformer);
    fallenBack = new int[transformer.spec().layers()];
    this.threads = threads;
  }

  void step(Batch batch, ForwardPass pass) {
    steps.incrementAndGet();
    weightBytes.addAndGet(pass.weightBytes());
    lock.lock();
    try {
      for (int row = 0; row < batch.size(); row++) {
        tally.add(pass, row);
      }
    } finally {
      lock.unlock();
    }
  }

  void prediction(int layer, int active, int named, int found) {
    lock.lock();
    try {
      tally.addPrediction(layer, active, named, found);
    } finally {
      lock.unlock();
    }
  }

  void error(int layer, double cett) {
    lock.lock();
    try {
      tally.addError(layer, cett);
    } finally {
      lock.unlock();
    }
  }

  /** A layer falls back in so many answers more. */
  void fallenBack(int layer, int answers) {
    lock.lock();
    try {
      fallenBack[layer] += answers;
    } finally {
      lock.unlock();
    }
  }

  /** The step goes on with so many answers. */
  void goingOn(int answers) {
    if (answers > 0) {
      decodingSteps.incrementAndGet();
      answersInSteps.addAndGet(answers);
    }
  }

  void queued(long nanos) {
    queue.add(nanos);
  }

  void promptTokens(int count) {
    promptTokens.addAndGet(count);
  }

  void lookedUp(int tokens) {
    lookedUpTokens.addAndGet(tokens);
  }

  void reused(int tokens) {
    reusedTokens.addAndGet(tokens);
  }

  /** The first token of an answer, so long after it was asked for. */
  void firstToken(long nanos) {
    generatedTokens.incrementAndGet();
    firstToken.add(nanos);
  }

  /** Another token of an answer, so long after the one before. */
  void nextToken(long nanos) {
    generatedTokens.incrementAndGet();
    nextToken.add(nanos);
  }

  void room(int sequences, KeyValueSpace space) {
    running = sequences;
    blocksUsed = space.used();
    blocksFindable = space.findable();
    evictions = space.evictions();
  }

  EngineLoad load(int waiting, Duration longestWait, int capacity, int cacheTokens) {
    return new EngineLoad(
        threads,
        waiting,
        longestWait,
        running,
        capacity,
        tokens(blocksUsed),
        cacheTokens,
        promptTokens.get(),
        generatedTokens.get(),
        new EngineSteps(steps.get(), decodingSteps.get(), answersInSteps.get(), weightBytes.get()),
        new PrefixCacheLoad(
            lookedUpTokens.get(), reusedTokens.get(), tokens(blocksFindable), tokens(evictions)),
        new EngineTimes(queue.counts(), firstToken.counts(), nextToken.counts()));
  }

  private static long tokens(long blocks) {
    return blocks * ForwardPass.BLOCK_TOKENS;
  }

  /** For each layer, the running answers that it has fallen back for. */
  List<Integer> fallenBack() {
    lock.lock();
    try {
      return Arrays.stream(fallenBack).boxed().toList();
    } finally {
      lock.unlock();
    }
  }

  List<NeuronActivity> layerActivity() {
    lock.lock();
    try {
      return tally.layers();
    } finally {
      lock.unlock();
    }
  }
}
