package io.rivulet.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TimeHistogramTest {

  private static final TimeHistogram TIMES =
      new TimeHistogram(
          List.of(10.0, 20.0, 100.0), List.of(4L, 4L, 0L, 2L), Duration.ofMillis(400));

  @Test
  void aQuantileLiesWhereItsShareOfTheCountsIs() {
    assertEquals(Optional.of(Duration.ofMillis(5)), TIMES.quantile(0.2));
    assertEquals(Optional.of(Duration.ofMillis(10)), TIMES.quantile(0.4));
    assertEquals(Optional.of(Duration.ofNanos(12_500_000)), TIMES.quantile(0.5));
    assertEquals(Optional.of(Duration.ofMillis(20)), TIMES.quantile(0.8));
  }

  @Test
  void whatIsOverTheLastBoundCountsAsThat() {
    assertEquals(Optional.of(Duration.ofMillis(100)), TIMES.quantile(0.95));
  }

  @Test
  void nothingHasNoQuantile() {
    assertEquals(Optional.empty(), TimeHistogram.NONE.quantile(0.5));
  }

  @Test
  void windowsAddUpWhereTheyAreCountedAlike() {
    var both = TIMES.plus(TIMES);

    assertEquals(List.of(8L, 8L, 0L, 4L), both.counts());
    assertEquals(Duration.ofMillis(800), both.sum());
    assertEquals(TIMES, TimeHistogram.NONE.plus(TIMES));
  }

  @Test
  void refusesCountsThatDoNotGoWithTheBounds() {
    assertThrows(
        IllegalArgumentException.class,
        () -> new TimeHistogram(List.of(1.0), List.of(1L), Duration.ZERO));
  }
}
