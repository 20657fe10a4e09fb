package io.rivulet.stream;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Attempts that have said all that they had to say, and whose prompts Kafka does not know as done
 * yet. Thread-safe.
 */
final class Unacknowledged {

  /** Publishing and acknowledging take milliseconds; longer than this they are stuck. */
  private static final Duration STUCK = Duration.ofSeconds(20);

  /** Since when, on the clock of nanoTime. */
  private final Map<Attempt, Long> since = new ConcurrentHashMap<>();

  /** The attempt's last publication is handed over. */
  void add(Attempt attempt) {
    since.put(attempt, System.nanoTime());
    attempt.whenSettled(() -> since.remove(attempt));
  }

  /** How long the one has waited that waits longest; zero where none does. */
  Duration oldest() {
    long now = System.nanoTime();
    return Duration.ofNanos(
        since.values().stream().mapToLong(begun -> now - begun).max().orElse(0));
  }

  HealthReport.Check check() {
    Duration oldest = oldest();
    return new HealthReport.Check(
        "acknowledgement",
        oldest.compareTo(STUCK) < 0,
        oldest.isZero()
            ? "no finished prompt waits to be acknowledged"
            : "a finished prompt has waited %d ms to be acknowledged".formatted(oldest.toMillis()));
  }
}
