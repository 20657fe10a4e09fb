package io.rivulet.stream;

import java.util.Optional;

/** A failure that lasts until the same work succeeds. Thread-safe. */
final class Trouble {

  private volatile Optional<String> reason = Optional.empty();

  void begin(Throwable cause) {
    reason = Optional.of(cause.toString());
  }

  void end() {
    reason = Optional.empty();
  }

  /**
   * Whether there is none.
   *
   * @param well what to say then
   */
  HealthReport.Check check(String name, String well) {
    Optional<String> now = reason;
    return new HealthReport.Check(name, now.isEmpty(), now.orElse(well));
  }
}
