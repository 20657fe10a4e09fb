package io.rivulet.faults;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;

/** Brings faults on, those of each node and of the broker one after the other. */
final class Bringing {

  private static final Duration WATCH = Duration.ofMillis(200);

  private final Broker broker;

  private final List<Node> nodes;
  private final Complaints complaints;
  private final AtomicBoolean over;
  private final long started = System.nanoTime();
  private final List<String> latest = new ArrayList<>();
  private int count;

  Bringing(Broker broker, List<Node> nodes, Complaints complaints, AtomicBoolean over) {
    this.broker = broker;
    this.nodes = nodes;
    this.complaints = complaints;
    this.over = over;
    for (Node node : nodes) {
      Thread.ofVirtual().start(() -> watch(node));
    }
  }

  /** How many there were. */
  synchronized int count() {
    return count;
  }

  /** Those since the last call, in words. */
  synchronized String latest() {
    String words = latest.isEmpty() ? "" : ": " + String.join(", ", latest);
    latest.clear();
    return words;
  }

  private synchronized void begins(String what) {
    count++;
    latest.add(what);
  }

  /** Brings them on in a thread that ends with the last. */
  Thread toBroker(List<Fault> faults) {
    return each(faults, "the broker", this::bringToBroker);
  }

  /** Brings them on in a thread that ends with the last. */
  Thread toNode(int number, List<Fault> faults) {
    return each(faults, "node " + number, fault -> bring(number, fault));
  }

  private interface Action {
    void bring(Fault fault) throws IOException, InterruptedException;
  }

  private Thread each(List<Fault> faults, String target, Action action) {
    return Thread.ofVirtual()
        .start(
            () -> {
              for (Fault fault : faults) {
                try {
                  sleepUntil(fault.at());
                  begins(fault.kind().name().toLowerCase(Locale.ROOT) + " " + target);
                  action.bring(fault);
                } catch (IOException e) {
                  complaints.add("%s of %s failed: %s".formatted(fault.kind(), target, e));
                } catch (InterruptedException e) {
                  return;
                }
              }
            });
  }

  private void sleepUntil(Duration at) throws InterruptedException {
    Thread.sleep(Duration.ofNanos(Math.max(0, started + at.toNanos() - System.nanoTime())));
  }

  private void bringToBroker(Fault fault) throws IOException, InterruptedException {
    switch (fault.kind()) {
      case BROKER_STOP -> broker.stop();
      case BROKER_KILL -> broker.kill();
      case KILL, FREEZE, DRAIN, CUT, STALL, SLOW ->
          throw new IllegalArgumentException(fault + " is not for brokers");
    }
    Thread.sleep(fault.lasts());
    broker.up();
  }

  private void bring(int number, Fault fault) throws IOException, InterruptedException {
    Node node = nodes.get(number);
    Link link = broker.link(number);
    switch (fault.kind()) {
      case KILL -> {
        node.kill();
        Thread.sleep(fault.lasts());
        node.up();
      }
      case FREEZE -> {
        node.freeze();
        Thread.sleep(fault.lasts());
        node.thaw();
      }
      case DRAIN -> {
        node.drain();
        node.up();
      }
      case CUT -> disturb(link, Link.State.CUT, fault.lasts());
      case STALL -> disturb(link, Link.State.STALLED, fault.lasts());
      case SLOW -> disturb(link, Link.State.SLOW, fault.lasts());
      case BROKER_STOP, BROKER_KILL ->
          throw new IllegalArgumentException(fault + " is for the broker");
    }
  }

  private static void disturb(Link link, Link.State state, Duration time)
      throws InterruptedException {
    link.set(state);
    Thread.sleep(time);
    link.set(Link.State.OPEN);
  }

  private void watch(Node node) {
    try {
      while (!over.get()) {
        node.watch();
        Thread.sleep(WATCH);
      }
    } catch (IOException e) {
      complaints.add("a node could not be watched: " + e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
