package io.rivulet.engine;

import io.rivulet.model.Batch;
import io.rivulet.model.ForwardPass;
import io.rivulet.model.ModelSpec;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.stream.IntStream;

/** Running totals, written by the engine's thread and read by any. */
final class Statistics {

  private final int neurons;
  private final AtomicLong computedTokens = new AtomicLong();
  private final AtomicLongArray activeByLayer;
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
    neurons = spec.neurons();
    activeByLayer = new AtomicLongArray(spec.layers());
  }

  void step(Batch batch, ForwardPass pass) {
    steps.incrementAndGet();
    for (int layer = 0; layer < activeByLayer.length(); layer++) {
      long active = 0;
      for (int row = 0; row < batch.size(); row++) {
        active += pass.activeNeurons(row, layer);
      }
      activeByLayer.addAndGet(layer, active);
    }
    computedTokens.addAndGet(batch.size());
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

  List<LayerActivity> layerActivity() {
    long computed = computedTokens.get() * neurons;
    return IntStream.range(0, activeByLayer.length())
        .mapToObj(layer -> new LayerActivity(layer, activeByLayer.get(layer), computed))
        .toList();
  }
}
