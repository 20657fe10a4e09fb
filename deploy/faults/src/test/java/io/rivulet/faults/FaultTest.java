package io.rivulet.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FaultTest {

  private static final Duration HOUR = Duration.ofHours(1);

  @Test
  void aSeedDrawsTheSameFaultsAgain() {
    List<Fault> faults = Fault.ofNode(new Random(1), HOUR);

    assertEquals(faults, Fault.ofNode(new Random(1), HOUR));
    assertNotEquals(faults, Fault.ofNode(new Random(2), HOUR));
  }

  @Test
  void everyKindHappensAndNoneAfterTheEnd() {
    var all = new ArrayList<>(Fault.ofNode(new Random(1), HOUR));
    all.addAll(Fault.ofBroker(new Random(1), HOUR));

    var kinds = EnumSet.noneOf(Fault.Kind.class);
    all.forEach(fault -> kinds.add(fault.kind()));

    assertEquals(EnumSet.allOf(Fault.Kind.class), kinds);
    assertTrue(all.stream().allMatch(fault -> fault.at().compareTo(HOUR) < 0));
  }
}
