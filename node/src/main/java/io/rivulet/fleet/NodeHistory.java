package io.rivulet.fleet;

import io.rivulet.protocol.NodeReport;
import io.rivulet.protocol.SparsityFigures;
import io.rivulet.protocol.SparsityReport;
import io.rivulet.protocol.TimeHistogram;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.Optional;
import java.util.function.Function;

/** What a node said in the last minute. */
final class NodeHistory {

  private record At<T>(T report, Instant time) {}

  private static final Duration LATELY = Duration.ofMinutes(1);
  private static final Duration LEAST_SILENCE = Duration.ofSeconds(10);
  private static final int INTERVALS = 5;

  private final Deque<At<NodeReport>> reports = new ArrayDeque<>();
  private final Deque<At<SparsityReport>> sparsity = new ArrayDeque<>();
  private Instant latest = Instant.MIN;

  void add(NodeReport report, Instant time) {
    add(reports, report, time);
  }

  void add(SparsityReport report, Instant time) {
    add(sparsity, report, time);
  }

  private <T> void add(Deque<At<T>> history, T report, Instant time) {
    history.addLast(new At<>(report, time));
    latest = time.isAfter(latest) ? time : latest;
    // The latest stays, however rarely the node reports.
    while (history.size() > 1 && history.getFirst().time().isBefore(latest.minus(LATELY))) {
      history.removeFirst();
    }
  }

  /** Whether it has been silent for too long. */
  boolean gone(Instant now) {
    Duration interval = reports.isEmpty() ? Duration.ZERO : reports.getLast().report().interval();
    return Duration.between(latest, now)
            .compareTo(max(LEAST_SILENCE, interval.multipliedBy(INTERVALS)))
        > 0;
  }

  private static Duration max(Duration one, Duration other) {
    return one.compareTo(other) > 0 ? one : other;
  }

  /** What is known; absent until it has said what it is doing. */
  Optional<FleetNode> at(Instant now) {
    return reports.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new FleetNode(
                reports.getLast().report(),
                Optional.ofNullable(sparsity.peekLast())
                    .filter(last -> last.time().isAfter(now.minus(LATELY)))
                    .map(At::report),
                max(Duration.ZERO, Duration.between(latest, now)),
                gone(now),
                reports.stream()
                    .map(each -> each.report().timeToFirstToken())
                    .reduce(TimeHistogram.NONE, TimeHistogram::plus),
                audited(SparsityFigures::recall),
                audited(SparsityFigures::cett),
                reports.stream()
                    .sorted(Comparator.comparing(At::time))
                    .map(each -> each.report().tokensPerSecond())
                    .toList()));
  }

  /** The mean over audits. */
  private Optional<Double> audited(Function<SparsityFigures, Optional<Double>> figure) {
    double sum = 0;
    long audits = 0;
    for (At<SparsityReport> each : sparsity) {
      SparsityFigures all = each.report().all();
      Optional<Double> value = figure.apply(all);
      if (value.isPresent()) {
        sum += value.get() * all.audits();
        audits += all.audits();
      }
    }
    return audits == 0 ? Optional.empty() : Optional.of(sum / audits);
  }
}
