package io.rivulet.engine;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How long something took, counted since start. The difference of two readings is a window.
 *
 * @param bounds ascending
 * @param counts for each bound, how many were up to it and over the bound before; then how many
 *     were over the last
 * @param sum of all of them
 */
public record TimeCounts(List<Duration> bounds, List<Long> counts, Duration sum) {

  public TimeCounts {
    bounds = List.copyOf(bounds);
    counts = List.copyOf(counts);
  }

  /** What came after an earlier reading. */
  public TimeCounts minus(TimeCounts earlier) {
    return new TimeCounts(
        bounds,
        IntStream.range(0, counts.size())
            .mapToObj(i -> counts.get(i) - earlier.counts.get(i))
            .toList(),
        sum.minus(earlier.sum));
  }
}
