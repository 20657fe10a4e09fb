package io.rivulet.stream;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.time.Duration;

/** Takes prompts while it is deployed. */
final class IntakeVerticle extends VerticleBase {

  private final Intake intake;
  private final Duration drainTimeout;

  IntakeVerticle(Intake intake, Duration drainTimeout) {
    this.intake = intake;
    this.drainTimeout = drainTimeout;
  }

  @Override
  public Future<?> start() {
    intake.start();
    return Future.succeededFuture();
  }

  /** Takes no more, and completes when what was begun is finished or handed back. */
  @Override
  public Future<?> stop() {
    return Future.fromCompletionStage(intake.drain(drainTimeout));
  }
}
