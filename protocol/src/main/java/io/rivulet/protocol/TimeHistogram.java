package io.rivulet.protocol;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * How long something took, counted.
 *
 * @param boundsMs upper bounds in milliseconds, ascending
 * @param counts for each bound, how many were up to it and over the bound before; then how many
 *     were over the last
 * @param sum of all of them
 */
public record TimeHistogram(List<Double> boundsMs, List<Long> counts, Duration sum) {

  /** Nothing was seen, and nobody said what for. */
  public static final TimeHistogram NONE = new TimeHistogram(List.of(), List.of(0L), Duration.ZERO);

  private static final double NANOS_PER_MILLI = 1_000_000;

  public TimeHistogram {
    boundsMs = List.copyOf(boundsMs);
    counts = List.copyOf(counts);
    if (counts.size() != boundsMs.size() + 1) {
      throw new IllegalArgumentException(
          "a histogram of %d bounds must have one count more, had %d"
              .formatted(boundsMs.size(), counts.size()));
    }
  }

  /** How many were counted. */
  public long count() {
    return counts.stream().mapToLong(Long::longValue).sum();
  }

  /** Both together, where they have the same bounds; else the other one. */
  public TimeHistogram plus(TimeHistogram other) {
    if (!boundsMs.equals(other.boundsMs)) {
      return other;
    }
    return new TimeHistogram(
        boundsMs,
        IntStream.range(0, counts.size())
            .mapToObj(i -> counts.get(i) + other.counts.get(i))
            .toList(),
        sum.plus(other.sum));
  }

  /**
   * About the time that a share of what was counted did not exceed: as if within its bounds each
   * count were spread evenly; what is over the last bound counts as that bound. Absent where
   * nothing was counted.
   *
   * @param share 0 to 1: 0.5 is the median
   */
  public Optional<Duration> quantile(double share) {
    long count = count();
    if (count == 0) {
      return Optional.empty();
    }
    double wanted = share * count;
    double seen = 0;
    double from = 0;
    for (int i = 0; i < boundsMs.size(); i++) {
      double to = boundsMs.get(i);
      long here = counts.get(i);
      if (here > 0 && seen + here >= wanted) {
        return Optional.of(millis(from + (to - from) * (wanted - seen) / here));
      }
      seen += here;
      from = to;
    }
    return Optional.of(millis(from));
  }

  private static Duration millis(double millis) {
    return Duration.ofNanos(Math.round(millis * NANOS_PER_MILLI));
  }
}
