package io.rivulet.stream;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** Takes prompts from Kafka, has them attempted, and tells Kafka which are done. */
interface Intake {

  /** How many prompts it takes at a time. */
  int slots();

  /** Begins to take prompts, on threads of its own. */
  void start();

  /** Whether all of its threads are at work. */
  HealthReport.Check alive();

  /** Whether it can serve, as far as it knows. */
  HealthReport.Check serving();

  /**
   * Takes no more. Completes when what was begun is finished, or handed back for other nodes after
   * this time, and the group is left.
   */
  CompletableFuture<Void> drain(Duration time);
}
