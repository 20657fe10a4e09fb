package io.rivulet.faults;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Something that goes wrong.
 *
 * @param at since the start, at the earliest: what is busy with another fault comes to it later
 * @param lasts until what is down comes up again
 */
record Fault(Duration at, Kind kind, Duration lasts) {

  /** What happens to a node, or to the broker. */
  enum Kind {
    /** A node's process ends as by kill -9. */
    KILL,
    /** A node's process stands still, perhaps for longer than its claims last. */
    FREEZE,
    /** A node is told to stop. */
    DRAIN,
    /** A node's connections to the broker break, and no new ones come up. */
    CUT,
    /** Nothing passes between a node and the broker, and neither is told. */
    STALL,
    /** What passes between a node and the broker takes long. */
    SLOW,
    /** The broker is told to stop. */
    BROKER_STOP,
    /** The broker's process ends as by kill -9. */
    BROKER_KILL
  }

  private static final List<Kind> OF_NODES =
      List.of(Kind.KILL, Kind.FREEZE, Kind.DRAIN, Kind.CUT, Kind.STALL, Kind.SLOW);
  private static final List<Kind> OF_BROKERS = List.of(Kind.BROKER_STOP, Kind.BROKER_KILL);

  /** Draws what happens to one node. */
  static List<Fault> ofNode(RandomGenerator random, Duration length) {
    return draw(random, length, OF_NODES, 4_000, 16_000);
  }

  /** Draws what happens to the broker. */
  static List<Fault> ofBroker(RandomGenerator random, Duration length) {
    return draw(random, length, OF_BROKERS, 15_000, 60_000);
  }

  private static List<Fault> draw(
      RandomGenerator random, Duration length, List<Kind> kinds, int least, int most) {
    var faults = new ArrayList<Fault>();
    long at = random.nextInt(least, most);
    while (at < length.toMillis()) {
      Kind kind = kinds.get(random.nextInt(kinds.size()));
      faults.add(
          new Fault(Duration.ofMillis(at), kind, Duration.ofMillis(random.nextInt(200, 9_000))));
      at += random.nextInt(least, most);
    }
    return faults;
  }
}
