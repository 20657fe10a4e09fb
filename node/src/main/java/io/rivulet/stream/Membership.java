package io.rivulet.stream;

import io.rivulet.protocol.KafkaUnavailableException;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Asks Kafka from time to time whether the node is in its group. */
final class Membership extends VerticleBase {

  private static final Duration PERIOD = Duration.ofSeconds(5);

  /** A group that finds itself anew counts its members out for a moment. */
  private static final Duration GRACE = Duration.ofSeconds(30);

  private final String group;
  private final BooleanSupplier isMember;
  private volatile boolean joined;
  private volatile long seen;
  private volatile String lastAnswer = "not asked yet";

  Membership(String group, BooleanSupplier isMember) {
    this.group = group;
    this.isMember = isMember;
  }

  @Override
  public Future<?> start() {
    ask();
    vertx.setPeriodic(PERIOD.toMillis(), timer -> ask());
    return Future.succeededFuture();
  }

  private void ask() {
    try {
      if (isMember.getAsBoolean()) {
        seen = System.nanoTime();
        joined = true;
        lastAnswer = "yes";
      } else {
        lastAnswer = "no";
      }
    } catch (KafkaUnavailableException e) {
      lastAnswer = e.getMessage();
    }
  }

  HealthReport.Check check() {
    Duration ago = Duration.ofNanos(System.nanoTime() - seen);
    boolean member = joined && ago.compareTo(GRACE) < 0;
    return new HealthReport.Check(
        "group",
        member,
        member
            ? "in the group " + group
            : "not in the group " + group + "; is it a member? " + lastAnswer);
  }
}
