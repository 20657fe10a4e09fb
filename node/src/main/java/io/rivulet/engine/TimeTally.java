package io.rivulet.engine;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** Counts how long something took. Written by one thread, read by any. */
final class TimeTally {

  /** For what a request waits for. */
  private static final long[] REQUEST_MILLIS = {
    10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000, 120_000
  };

  /** For a token, of small models and large ones. */
  private static final long[] TOKEN_MILLIS = {
    1, 2, 5, 10, 15, 20, 30, 50, 75, 100, 150, 200, 300, 500, 1000, 2500
  };

  private final List<Duration> bounds;
  private final long[] nanos;
  private final AtomicLongArray counts;
  private final AtomicLong sum = new AtomicLong();

  private TimeTally(long[] millis) {
    bounds = LongStream.of(millis).mapToObj(Duration::ofMillis).toList();
    nanos = bounds.stream().mapToLong(Duration::toNanos).toArray();
    counts = new AtomicLongArray(nanos.length + 1);
  }

  static TimeTally ofRequests() {
    return new TimeTally(REQUEST_MILLIS);
  }

  static TimeTally ofTokens() {
    return new TimeTally(TOKEN_MILLIS);
  }

  void add(long time) {
    int bin = 0;
    while (bin < nanos.length && time > nanos[bin]) {
      bin++;
    }
    counts.incrementAndGet(bin);
    sum.addAndGet(time);
  }

  TimeCounts counts() {
    return new TimeCounts(
        bounds,
        IntStream.range(0, counts.length()).mapToObj(counts::get).toList(),
        Duration.ofNanos(sum.get()));
  }
}
