package io.rivulet.engine;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Queue;

/**
 * The tasks that have no place in the batch yet: the lower priority first, equal ones in the order
 * in which they came. Not thread-safe.
 */
final class WaitingTasks {

  /** A task and its number in the order of arrival. */
  private record Place(Sequence sequence, long arrival) {

    int priority() {
      return sequence.task.priority();
    }
  }

  private final Queue<Place> places =
      new PriorityQueue<>(
          Comparator.comparingInt(Place::priority).thenComparingLong(Place::arrival));

  private long arrivals;

  void add(Sequence sequence) {
    places.add(new Place(sequence, arrivals++));
  }

  boolean isEmpty() {
    return places.isEmpty();
  }

  int size() {
    return places.size();
  }

  /** The next one to be admitted; there must be one. */
  Sequence first() {
    return places.element().sequence();
  }

  void removeFirst() {
    places.remove();
  }

  /** Removes those that were cancelled. */
  List<Sequence> removeCancelled() {
    if (places.isEmpty()) {
      return List.of();
    }
    List<Place> cancelled = places.stream().filter(place -> place.sequence().cancelled()).toList();
    places.removeAll(cancelled);
    return sequences(cancelled);
  }

  List<Sequence> removeAll() {
    List<Place> all = List.copyOf(places);
    places.clear();
    return sequences(all);
  }

  /** How long the one has waited that came first; zero where none waits. */
  Duration longestWait() {
    long now = System.nanoTime();
    return Duration.ofNanos(
        places.stream().mapToLong(place -> now - place.sequence().submittedAt()).max().orElse(0));
  }

  private static List<Sequence> sequences(List<Place> places) {
    return places.stream().map(Place::sequence).toList();
  }
}
