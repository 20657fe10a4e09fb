package io.rivulet.stream;

import io.rivulet.engine.Engine;
import io.rivulet.stream.HealthReport.Check;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** What is asked of a node to know whether it works. Thread-safe. */
final class Health {

  /** A step of a large model from a slow disk takes its time; none takes so long. */
  private static final Duration STUCK = Duration.ofMinutes(2);

  private final Engine engine;

  /** Asked for once: each time leaves something with the engine until it ends. */
  private final CompletableFuture<String> engineFailed;

  private final List<Supplier<Check>> live;
  private final List<Supplier<Check>> ready;

  /**
   * Checks of the engine, and these.
   *
   * @param live what a node needs to be worth going on
   * @param ready what it needs besides to serve prompts now
   */
  Health(Engine engine, List<Supplier<Check>> live, List<Supplier<Check>> ready) {
    this.engine = engine;
    engineFailed = engine.failed().toCompletableFuture();
    this.live = List.copyOf(live);
    this.ready = List.copyOf(ready);
  }

  HealthReport live() {
    var checks = new ArrayList<Check>();
    checks.add(engineRuns());
    live.forEach(each -> checks.add(each.get()));
    return new HealthReport(checks);
  }

  HealthReport ready() {
    var checks = new ArrayList<>(live().checks());
    checks.add(engineAdvances());
    ready.forEach(each -> checks.add(each.get()));
    return new HealthReport(checks);
  }

  private Check engineRuns() {
    return new Check("step_loop", !engineFailed.isDone(), engineFailed.getNow("it runs"));
  }

  private Check engineAdvances() {
    Duration stalled = engine.stalled();
    return new Check(
        "progress",
        stalled.compareTo(STUCK) < 0,
        stalled.isZero()
            ? "no work"
            : "the last step was finished %d ms ago".formatted(stalled.toMillis()));
  }
}
