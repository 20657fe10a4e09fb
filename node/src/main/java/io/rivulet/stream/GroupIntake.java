package io.rivulet.stream;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes prompts as a member of a consumer group. Whatever fails, the membership begins anew: what
 * is committed says where to go on.
 */
final class GroupIntake implements Intake {

  private static final Logger log = LoggerFactory.getLogger(GroupIntake.class);

  /** So many fit into the metadata of an offset, whatever their numbers are. */
  static final int MOST_SLOTS = 256;

  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofMillis(250);
  private static final int MOST_DOUBLINGS = 5;

  private final NodeOptions options;
  private final KafkaClients clients;
  private final int slots;
  private final ConsumerGroup group;
  private final Admission admission;
  private final Relay relay;
  private final Trouble trouble = new Trouble();
  private final Semaphore wake = new Semaphore(0);
  private final CompletableFuture<Void> ended = new CompletableFuture<>();
  private int failures;
  private volatile boolean draining;
  private volatile long drainDeadline;

  /**
   * An intake that has not begun.
   *
   * @param relay is told the publisher of each session
   */
  GroupIntake(
      NodeOptions options,
      KafkaClients clients,
      int slots,
      ConsumerGroup group,
      Admission admission,
      Relay relay) {
    this.options = options;
    this.clients = clients;
    this.slots = Math.min(slots, MOST_SLOTS);
    this.group = group;
    this.admission = admission;
    this.relay = relay;
  }

  @Override
  public int slots() {
    return slots;
  }

  /** Joins the group, or fails where that can never be. */
  @Override
  public void start() {
    GroupSession first = open();
    Thread.ofPlatform()
        .name("intake")
        .start(
            () -> {
              try {
                serve(first);
                serveOn();
              } finally {
                ended.complete(null);
              }
            });
  }

  private GroupSession open() {
    var publisher = new TransactionalPublisher(options, clients, group);
    try {
      var session = new GroupSession(options, clients, slots, group, admission, publisher, wake);
      relay.to(publisher);
      return session;
    } catch (RuntimeException e) {
      publisher.close();
      throw e;
    }
  }

  private void serveOn() {
    while (!draining) {
      try {
        serve(open());
      } catch (RuntimeException | Error e) {
        log.error("the intake does not come up again: {}", e.toString());
        trouble.begin(e);
        pause();
      }
    }
  }

  private void serve(GroupSession opened) {
    long begun = System.nanoTime();
    try (GroupSession session = opened) {
      serveToTheEnd(session);
    } catch (RuntimeException | Error e) {
      log.error("the intake starts anew after: {}", e.toString());
      trouble.begin(e);
      if (System.nanoTime() - begun > options.kafka().timeout().toNanos()) {
        failures = 0;
      }
      pause();
    }
  }

  private void serveToTheEnd(GroupSession session) {
    while (!draining) {
      session.step();
      if (session.settled()) {
        trouble.end();
      }
    }
    session.stopTaking();
    while (!session.idle() && drainDeadline - System.nanoTime() > 0) {
      session.step();
    }
  }

  @Override
  public HealthReport.Check alive() {
    boolean over = ended.isDone() && !draining;
    return new HealthReport.Check(
        "intake", !over, over ? "its thread has ended" : "its thread is at work");
  }

  @Override
  public HealthReport.Check serving() {
    return draining
        ? new HealthReport.Check("taking", false, "no more prompts are taken")
        : trouble.check("taking", "prompts are taken");
  }

  @Override
  public CompletableFuture<Void> drain(Duration time) {
    drainDeadline = System.nanoTime() + time.toNanos();
    draining = true;
    wake.release();
    return ended;
  }

  /** Each failure after another leaves more time to mend what is wrong. */
  private void pause() {
    Duration time = PAUSE_AFTER_FAILURE.multipliedBy(1L << failures);
    failures = Math.min(failures + 1, MOST_DOUBLINGS);
    try {
      wake.drainPermits();
      if (!draining) {
        wake.tryAcquire(time.toNanos(), NANOSECONDS);
      }
    } catch (InterruptedException e) {
      // This thread is the intake's own: an interrupt means to end.
      draining = true;
    }
  }
}
