package io.rivulet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class TimeTallyTest {

  @Test
  void countsByBoundsThatAreIncluded() {
    var tally = TimeTally.ofTokens();
    tally.add(Duration.ofMillis(1).toNanos());
    tally.add(Duration.ofMillis(1).toNanos() + 1);
    tally.add(Duration.ofMillis(2500).toNanos());
    tally.add(Duration.ofSeconds(9).toNanos());

    TimeCounts counts = tally.counts();
    assertEquals(counts.bounds().size() + 1, counts.counts().size());
    assertEquals(List.of(1L, 1L, 0L), counts.counts().subList(0, 3));
    assertEquals(List.of(0L, 1L, 1L), counts.counts().subList(14, 17));
    assertEquals(Duration.ofNanos(11_502_000_001L), counts.sum());
  }

  @Test
  void theDifferenceOfTwoReadingsIsAWindow() {
    var tally = TimeTally.ofRequests();
    tally.add(Duration.ofMillis(5).toNanos());
    TimeCounts before = tally.counts();
    tally.add(Duration.ofMillis(20).toNanos());

    TimeCounts window = tally.counts().minus(before);
    assertEquals(List.of(0L, 1L), window.counts().subList(0, 2));
    assertEquals(Duration.ofMillis(20), window.sum());
  }
}
