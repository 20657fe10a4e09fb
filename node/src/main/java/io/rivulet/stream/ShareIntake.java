package io.rivulet.stream;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;

/** Takes prompts as a member of a share group, with a consumer and a thread for each slot. */
final class ShareIntake implements Intake {

  /** By then idle slots have stopped; what is handed back sooner may come to one of them. */
  private static final Duration SHORTEST_DRAIN = IntakeSlot.POLL.multipliedBy(2);

  private final List<IntakeSlot> slots;
  private final List<CompletableFuture<Void>> ended = new CopyOnWriteArrayList<>();
  private volatile boolean draining;

  ShareIntake(
      NodeOptions options,
      KafkaClients clients,
      int slotCount,
      ShareGroup group,
      Admission admission) {
    slots =
        IntStream.range(0, slotCount)
            .mapToObj(number -> new IntakeSlot(options, clients, number, group, admission))
            .toList();
  }

  @Override
  public int slots() {
    return slots.size();
  }

  @Override
  public void start() {
    List<Runnable> prepared = slots.stream().map(IntakeSlot::prepare).toList();
    for (Runnable slot : prepared) {
      var end = new CompletableFuture<Void>();
      ended.add(end);
      Thread.ofPlatform()
          .name("intake-" + ended.size())
          .start(
              () -> {
                try {
                  slot.run();
                } finally {
                  end.complete(null);
                }
              });
    }
  }

  @Override
  public HealthReport.Check alive() {
    long working = ended.stream().filter(end -> !end.isDone()).count();
    return new HealthReport.Check(
        "intake",
        draining || working == slots.size(),
        draining ? "it drains" : "%d of %d threads at work".formatted(working, slots.size()));
  }

  @Override
  public HealthReport.Check serving() {
    return new HealthReport.Check(
        "taking", !draining, draining ? "no more prompts are taken" : "prompts are taken");
  }

  @Override
  public CompletableFuture<Void> drain(Duration time) {
    Duration enough = time.compareTo(SHORTEST_DRAIN) < 0 ? SHORTEST_DRAIN : time;
    long deadline = System.nanoTime() + enough.toNanos();
    draining = true;
    slots.forEach(slot -> slot.drain(deadline));
    return CompletableFuture.allOf(ended.toArray(CompletableFuture<?>[]::new));
  }
}
