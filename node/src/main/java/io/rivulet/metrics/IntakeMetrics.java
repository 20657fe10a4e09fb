package io.rivulet.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** How prompts were taken from Kafka, and what became of them. Thread-safe. */
public final class IntakeMetrics {

  private final MeterRegistry registry;
  private final Counter redeliveries;
  private final Counter cancels;
  private final Counter deadLetters;
  private final Counter deadLetterFailures;
  private final Map<Outcome, Counter> outcomes = new EnumMap<>(Outcome.class);

  IntakeMetrics(MeterRegistry registry) {
    this.registry = registry;
    redeliveries = counter("rivulet.intake.redeliveries", "prompts that came for another attempt");
    cancels = counter("rivulet.intake.cancels", "cancels heard, of whatever request");
    deadLetters = counter("rivulet.dead.letters", "prompts set aside as dead letters");
    deadLetterFailures =
        counter("rivulet.dead.letter.failures", "times that a dead letter could not be written");
    for (Outcome outcome : Outcome.values()) {
      outcomes.put(
          outcome,
          Counter.builder("rivulet.intake.deliveries")
              .description("prompts taken, by what became of them")
              .tag("outcome", outcome.text())
              .register(registry));
    }
  }

  private Counter counter(String name, String description) {
    return Counter.builder(name).description(description).register(registry);
  }

  /** Shows how long the answer has waited that has waited longest for Kafka to hear it is done. */
  public void unacknowledged(Supplier<Duration> oldest) {
    TimeGauge.builder(
            "rivulet.intake.unacknowledged.age",
            oldest,
            TimeUnit.NANOSECONDS,
            each -> each.get().toNanos())
        .description("how long a finished prompt has waited for its acknowledgement at most")
        .strongReference(true)
        .register(registry);
  }

  /** A prompt came once more. */
  public void redelivered() {
    redeliveries.increment();
  }

  /** An attempt at a prompt is over. */
  public void ended(Outcome outcome) {
    outcomes.get(outcome).increment();
  }

  /** Somebody asked to cancel a request. */
  public void cancelAsked() {
    cancels.increment();
  }

  /** Kafka has a dead letter. */
  public void deadLetter() {
    deadLetters.increment();
  }

  /** Kafka refused a dead letter, or did not answer. */
  public void deadLetterFailed() {
    deadLetterFailures.increment();
  }
}
