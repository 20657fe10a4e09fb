package io.rivulet.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.rivulet.model.ComputeChoice.Way;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** Which way a matrix is multiplied by the rows that are asked for. */
class ComputeChoiceTest {

  private final ComputeChoice choice = new ComputeChoice();

  @Test
  void allWaysAreTriedBeforeOneIsPreferred() {
    Set<Way> tried = EnumSet.noneOf(Way.class);
    for (int i = 0; i < Way.values().length; i++) {
      tried.add(decide(8, 100, 50, 80));
    }
    assertEquals(EnumSet.allOf(Way.class), tried);
  }

  @Test
  void theCheapestWayIsTakenAndTheOthersAreTriedNowAndThen() {
    Map<Way, Integer> times = new EnumMap<>(Way.class);
    for (int i = 0; i < 2000; i++) {
      Way way = choice.choose(8, 1000, 100, 1000);
      if (way != Way.UNITED) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
      }
      choice.done();
      times.merge(way, 1, Integer::sum);
    }
    assertEquals(EnumSet.allOf(Way.class), times.keySet());
    assertEquals(2000, times.values().stream().mapToInt(Integer::intValue).sum());
    assertTrue(times.get(Way.UNITED) > 1900, times::toString);
  }

  @Test
  void oneTokenIsNotUnitedWithOthers() {
    for (int i = 0; i < 2000; i++) {
      assertNotEquals(Way.UNITED, decide(1, 100, 50, 50));
    }
  }

  @Test
  void promptsAreComputedWhole() {
    for (int i = 0; i < 2000; i++) {
      assertEquals(Way.WHOLE, decide(64, 100, 1, 1));
    }
  }

  private Way decide(int tokens, int all, int united, long asked) {
    Way way = choice.choose(tokens, all, united, asked);
    choice.done();
    return way;
  }
}
