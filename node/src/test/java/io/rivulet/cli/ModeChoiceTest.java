package io.rivulet.cli;

import static io.rivulet.model.SparsityMode.EXACT;
import static io.rivulet.model.SparsityMode.OFF;
import static io.rivulet.model.SparsityMode.PREDICTED;
import static io.rivulet.model.SparsityMode.THRESHOLD;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.rivulet.model.SparsityMode;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ModeChoiceTest {

  private static final Set<SparsityMode> ALL = Set.of(SparsityMode.values());

  @Test
  void theFastestIsChosenAndAllAreNamed() {
    assertEquals(
        new ModeChoice(
            PREDICTED, "a token takes now: predicted 0.50 ms, threshold 0.60 ms, exact 0.70 ms"),
        ModeChoice.of(ALL, times(700, 600, 500)));
    assertEquals(THRESHOLD, ModeChoice.of(ALL, times(700, 600, 650)).mode());
    assertEquals(EXACT, ModeChoice.of(ALL, times(500, 600, 700)).mode());
  }

  @Test
  void whatLeavesOutMoreHasToBeClearlyFaster() {
    assertEquals(EXACT, ModeChoice.of(ALL, times(1000, 990, 985)).mode());
    assertEquals(THRESHOLD, ModeChoice.of(ALL, times(1000, 970, 960)).mode());
    assertEquals(PREDICTED, ModeChoice.of(ALL, times(1000, 990, 970)).mode());
  }

  @Test
  void whatCouldNotBeMeasuredIsNotJudged() {
    assertEquals(
        new ModeChoice(PREDICTED, "there was no time to measure"),
        ModeChoice.of(ALL, Map.of(EXACT, Duration.ofMillis(1))));
    assertEquals(
        new ModeChoice(THRESHOLD, "there was no time to measure"),
        ModeChoice.of(Set.of(OFF, EXACT, THRESHOLD), Map.of()));
    assertEquals(
        new ModeChoice(EXACT, "the model has no profile"),
        ModeChoice.of(Set.of(OFF, EXACT), Map.of()));
  }

  private static Map<SparsityMode, Duration> times(int exact, int threshold, int predicted) {
    return Map.of(EXACT, micros(exact), THRESHOLD, micros(threshold), PREDICTED, micros(predicted));
  }

  private static Duration micros(int micros) {
    return Duration.ofNanos(1000L * micros);
  }
}
