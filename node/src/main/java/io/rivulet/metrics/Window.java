package io.rivulet.metrics;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.BinaryOperator;
import java.util.function.Supplier;

/**
 * How totals grew over about the last minute; over a longer time where they were not read for as
 * long. Not thread-safe.
 */
final class Window<T> implements Supplier<T> {

  private static final long LENGTH = Duration.ofMinutes(1).toNanos();
  private static final long BETWEEN = Duration.ofSeconds(5).toNanos();

  private record Reading<T>(long time, T totals) {}

  private final Supplier<T> totals;
  private final BinaryOperator<T> minus;

  /** Oldest first; the first is where the window begins. */
  private final Deque<Reading<T>> readings = new ArrayDeque<>();

  /** Begins now. */
  Window(Supplier<T> totals, BinaryOperator<T> minus) {
    this.totals = totals;
    this.minus = minus;
    readings.add(new Reading<>(System.nanoTime(), totals.get()));
  }

  @Override
  public T get() {
    var now = new Reading<>(System.nanoTime(), totals.get());
    while (readings.size() > 1 && now.time() - second().time() >= LENGTH) {
      readings.removeFirst();
    }
    T grown = minus.apply(now.totals(), readings.getFirst().totals());
    if (now.time() - readings.getLast().time() >= BETWEEN) {
      readings.addLast(now);
    }
    return grown;
  }

  private Reading<T> second() {
    var each = readings.iterator();
    each.next();
    return each.next();
  }
}
