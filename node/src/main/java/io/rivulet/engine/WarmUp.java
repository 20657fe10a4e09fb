package io.rivulet.engine;

import io.rivulet.model.Batch;
import io.rivulet.model.ForwardPass;
import io.rivulet.model.LoadedModel;
import io.rivulet.model.SparsityMode;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.stream.IntStream;

/**
 * Computes some tokens that nobody asked for and nobody hears of: so that the JVM compiles what
 * steps are made of, and to learn what a token takes in each mode. A round is a short prompt or its
 * end, then each of its last tokens again in all modes, in turns. What counts is the fastest time
 * of each, which neither what the JVM compiled later nor other processes make longer.
 *
 * <p>Steps are small, as the first task waits for the step to end. What they leave in the cache is
 * overwritten before a sequence reads it.
 */
final class WarmUp {

  static final String TEXT = "The sun was low, and the long road lay white before them.";

  /** Enough for the kernels of many tokens. */
  private static final int PROMPT = 8;

  /** What prompts are shorter by in turns: products of two and of four tokens have own kernels. */
  private static final int[] LEFT_OUT = {0, PROMPT - 2, 0, PROMPT - 4};

  /** Of the prompt: those that are computed again. */
  private static final int MOST_MEASURED = 4;

  private final ForwardPass pass;
  private final Batch batch;
  private final int[] text;
  private final int length;
  private final int measured;
  private final int[] blocks;

  /** Those that leave something out. */
  private final List<SparsityMode> modes;

  /** By mode and token; {@link Long#MAX_VALUE} where there is none. */
  private final AtomicLongArray nanos;

  private final CompletableFuture<Void> roundDone = new CompletableFuture<>();
  private int steps;

  /**
   * Steps of a pass.
   *
   * @param tokens of {@link #TEXT}
   * @param prefillChunk tokens of a prompt that it takes at once
   */
  WarmUp(LoadedModel model, int[] tokens, ForwardPass pass, int prefillChunk) {
    this.pass = pass;
    length =
        Math.min(
            Math.min(PROMPT, prefillChunk), Math.min(pass.cacheTokens(), model.spec().context()));
    measured = Math.min(MOST_MEASURED, length);
    text = Arrays.copyOf(tokens, length);
    batch = new Batch(length);
    blocks = IntStream.range(0, Math.ceilDiv(length, ForwardPass.BLOCK_TOKENS)).toArray();
    modes =
        model.transformer().modes().stream()
            .filter(mode -> mode != SparsityMode.OFF)
            .sorted()
            .toList();
    long[] none = new long[modes.size() * measured];
    Arrays.fill(none, Long.MAX_VALUE);
    nanos = new AtomicLongArray(none);
  }

  /** The next step. */
  void step() {
    int round = steps / (1 + modes.size() * measured);
    int ofRound = steps++ % (1 + modes.size() * measured);
    batch.clear();
    if (ofRound == 0) {
      int first = Math.min(LEFT_OUT[round % LEFT_OUT.length], length - 1);
      for (int at = first; at < length; at++) {
        batch.add(text[at], at, blocks, SparsityMode.EXACT, at == length - 1);
      }
      pass.run(batch);
    } else {
      measure((ofRound - 1) % modes.size(), (ofRound - 1) / modes.size());
    }
  }

  private void measure(int mode, int tokenFromLast) {
    int at = length - 1 - tokenFromLast;
    batch.add(text[at], at, blocks, modes.get(mode), true);
    long start = System.nanoTime();
    pass.run(batch);
    long took = System.nanoTime() - start;
    nanos.accumulateAndGet(index(mode, tokenFromLast), took, Math::min);
    if (mode == modes.size() - 1 && tokenFromLast == measured - 1) {
      roundDone.complete(null);
    }
  }

  private int index(int mode, int tokenFromLast) {
    return mode * measured + tokenFromLast;
  }

  /**
   * What a token takes at best in each mode, the mean over some. Other threads may ask.
   *
   * @param patience how long to wait for the first round; after that, modes may be missing
   */
  Map<SparsityMode, Duration> tokenTimes(Duration patience) {
    roundDone.copy().completeOnTimeout(null, patience.toNanos(), TimeUnit.NANOSECONDS).join();
    var times = new EnumMap<SparsityMode, Duration>(SparsityMode.class);
    for (int mode = 0; mode < modes.size(); mode++) {
      double sum = 0;
      for (int i = 0; i < measured; i++) {
        sum += nanos.get(index(mode, i));
      }
      if (sum < Long.MAX_VALUE) {
        times.put(modes.get(mode), Duration.ofNanos(Math.round(sum / measured)));
      }
    }
    return times;
  }
}
