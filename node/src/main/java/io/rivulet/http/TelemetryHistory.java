package io.rivulet.http;

import io.rivulet.protocol.NodeReport;
import io.rivulet.protocol.SparsityReport;
import io.rivulet.protocol.TelemetryEvent;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * What nodes reported in the last minutes, as the events that browsers get. All browsers read from
 * it, each at its own pace. Bounded in time and in bytes. For one thread.
 */
final class TelemetryHistory {

  /** An event and its number, higher than those of the events before. */
  record Entry(long number, Buffer event) {}

  private record Kept(long nanos, Buffer event) {}

  private final Duration kept;
  private final long mostBytes;
  private final TreeMap<Long, Kept> events = new TreeMap<>();
  private long bytes;

  /** Higher than those of an earlier process, so that browsers that knew it take all anew. */
  private long next = System.currentTimeMillis() << 10;

  TelemetryHistory(Duration kept, long mostBytes) {
    this.kept = kept;
    this.mostBytes = mostBytes;
  }

  void add(TelemetryEvent report) {
    String name =
        switch (report) {
          case NodeReport _ -> "node";
          case SparsityReport _ -> "sparsity";
        };
    long now = System.nanoTime();
    Buffer event = EventStream.event(name, OptionalLong.of(next), report.toJson());
    events.put(next, new Kept(now, event));
    next++;
    bytes += event.length();
    while (bytes > mostBytes || now - events.firstEntry().getValue().nanos() > kept.toNanos()) {
      bytes -= events.pollFirstEntry().getValue().event().length();
    }
  }

  /** The first event whose number is higher. */
  Optional<Entry> after(long number) {
    Map.Entry<Long, Kept> entry = events.higherEntry(number);
    return Optional.ofNullable(entry)
        .map(there -> new Entry(there.getKey(), there.getValue().event()));
  }

  /** Whether the event after this one is gone, and a reader who has not seen it missed it. */
  boolean isPast(long number) {
    return !events.isEmpty() && number + 1 < events.firstKey();
  }
}
