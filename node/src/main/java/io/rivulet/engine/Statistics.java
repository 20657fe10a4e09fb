package io.rivulet.engine;

import io.rivulet.model.Batch;
import io.rivulet.model.ForwardPass;
import io.rivulet.model.ModelSpec;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/** Running totals, written by the engine's thread and read by any. */
final class Statistics {

  private final Lock lock = new ReentrantLock();

  /** Guarded by the lock. */
  private final NeuronTally tally;

  private final AtomicLong promptTokens = new AtomicLong();
  private final AtomicLong lookedUpTokens = new AtomicLong();
  private final AtomicLong reusedTokens = new AtomicLong();
  private final AtomicLong generatedTokens = new AtomicLong();
  private final AtomicLong steps = new AtomicLong();
  private volatile int running;
  private volatile int blocksUsed;
  private volatile int blocksFindable;
  private volatile long evictions;

  Statistics(ModelSpec spec) {
    tally = new NeuronTally(spec);
  }

  void step(Batch batch, ForwardPass pass) {
    steps.incrementAndGet();
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

  void promptTokens(int count) {
    promptTokens.addAndGet(count);
  }

  void lookedUp(int tokens) {
    lookedUpTokens.addAndGet(tokens);
  }

  void reused(int tokens) {
    reusedTokens.addAndGet(tokens);
  }

  void generatedToken() {
    generatedTokens.incrementAndGet();
  }

  void room(int sequences, KeyValueSpace space) {
    running = sequences;
    blocksUsed = space.used();
    blocksFindable = space.findable();
    evictions = space.evictions();
  }

  EngineLoad load(int waiting, Duration longestWait, int capacity, int cacheTokens) {
    return new EngineLoad(
        waiting,
        longestWait,
        running,
        capacity,
        tokens(blocksUsed),
        cacheTokens,
        promptTokens.get(),
        generatedTokens.get(),
        steps.get(),
        new PrefixCacheLoad(
            lookedUpTokens.get(), reusedTokens.get(), tokens(blocksFindable), tokens(evictions)));
  }

  private static long tokens(long blocks) {
    return blocks * ForwardPass.BLOCK_TOKENS;
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
