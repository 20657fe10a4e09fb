package io.rivulet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AuditScheduleTest {

  private static final int TOKENS = 6400;

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 64})
  void oneTokenOfEachStretchIsAuditedInEachLayer(int interval) {
    var schedule = new AuditSchedule(-5, 3, interval);
    for (int layer = 0; layer < 3; layer++) {
      List<Integer> stretches =
          audited(schedule, layer).stream().map(position -> position / interval).toList();
      int whole = TOKENS / interval;
      assertEquals(
          IntStream.range(0, whole).boxed().toList(),
          stretches.subList(0, whole),
          "layer " + layer);
    }
  }

  @Test
  void whichOneIsDrawn() {
    var schedule = new AuditSchedule(7, 2, 64);
    List<Integer> first = audited(schedule, 0);

    assertEquals(first, audited(new AuditSchedule(7, 2, 64), 0));
    assertNotEquals(first, audited(schedule, 1));
    assertNotEquals(first, audited(new AuditSchedule(8, 2, 64), 0));
    var places = new HashSet<>(first.stream().map(position -> position % 64).toList());
    assertTrue(places.size() > 40, "places " + places);
  }

  @Test
  void withoutAnIntervalNoneIs() {
    assertEquals(List.of(), audited(new AuditSchedule(7, 2, 0), 0));
  }

  private static List<Integer> audited(AuditSchedule schedule, int layer) {
    return IntStream.range(0, TOKENS)
        .filter(position -> schedule.audits(layer, position))
        .boxed()
        .toList();
  }
}
