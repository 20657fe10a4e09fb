package io.rivulet.metrics;

import java.time.Duration;
import java.util.function.Supplier;

/**
 * A reading that many gauges share: taken anew when the last is too old, so that one scrape shows
 * one moment. Thread-safe.
 */
final class Latest<T> implements Supplier<T> {

  private static final Duration OLDEST = Duration.ofMillis(200);

  private final Supplier<T> source;
  private T value;
  private long taken;

  Latest(Supplier<T> source) {
    this.source = source;
    value = source.get();
    taken = System.nanoTime();
  }

  @Override
  public synchronized T get() {
    if (System.nanoTime() - taken > OLDEST.toNanos()) {
      value = source.get();
      taken = System.nanoTime();
    }
    return value;
  }
}
