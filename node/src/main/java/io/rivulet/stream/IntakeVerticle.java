package io.rivulet.stream;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Takes prompts from Kafka as a member of the share group, as many at a time as it has slots. */
final class IntakeVerticle extends VerticleBase {

  /** By then idle slots have stopped; what is handed back sooner may come to one of them. */
  private static final Duration SHORTEST_DRAIN = IntakeSlot.POLL.multipliedBy(2);

  private final NodeOptions options;
  private final int slotCount;
  private final Admission admission;
  private final List<IntakeSlot> slots = new ArrayList<>();
  private final List<Future<Void>> ended = new ArrayList<>();

  IntakeVerticle(NodeOptions options, int slotCount, Admission admission) {
    this.options = options;
    this.slotCount = slotCount;
    this.admission = admission;
  }

  @Override
  public Future<?> start() {
    for (int i = 0; i < slotCount; i++) {
      slots.add(new IntakeSlot(options, i, admission));
    }
    for (IntakeSlot slot : slots) {
      Promise<Void> end = Promise.promise();
      ended.add(end.future());
      Thread.ofPlatform()
          .name("intake-" + slot.number())
          .start(
              () -> {
                try {
                  slot.run();
                } finally {
                  end.complete();
                }
              });
    }
    return Future.succeededFuture();
  }

  /** Takes no more, and completes when what was begun is finished or handed back. */
  @Override
  public Future<?> stop() {
    Duration time = options.drainTimeout();
    if (time.compareTo(SHORTEST_DRAIN) < 0) {
      time = SHORTEST_DRAIN;
    }
    long deadline = System.nanoTime() + time.toNanos();
    slots.forEach(slot -> slot.drain(deadline));
    return Future.all(ended);
  }
}
