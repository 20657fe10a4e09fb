package io.rivulet.stream;

import io.rivulet.protocol.TokenEvent;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Sorts what was read of a tokens topic. */
final class Streams {

  private Streams() {}

  /** By request, in the order read. */
  static Map<String, List<TokenEvent>> byId(List<TokenEvent> events) {
    return events.stream()
        .collect(Collectors.groupingBy(TokenEvent::id, TreeMap::new, Collectors.toList()));
  }

  static Set<String> ended(List<TokenEvent> events) {
    return events.stream()
        .filter(TokenEvent::terminal)
        .map(TokenEvent::id)
        .collect(Collectors.toSet());
  }

  /** The requests that a node has begun to answer and not ended. */
  static Set<String> under(String node, List<TokenEvent> events) {
    Set<String> ended = ended(events);
    return events.stream()
        .filter(event -> event.node().equals(node) && !ended.contains(event.id()))
        .map(TokenEvent::id)
        .collect(Collectors.toSet());
  }
}
