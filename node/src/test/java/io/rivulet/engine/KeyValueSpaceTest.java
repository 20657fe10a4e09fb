package io.rivulet.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class KeyValueSpaceTest {

  @Test
  void runsLieSideBySideUntilTheSpaceIsFull() {
    var space = new KeyValueSpace(100, 8);
    assertEquals(0, space.reserve(40));
    assertEquals(40, space.reserve(60));
    assertEquals(-1, space.reserve(1));
    assertEquals(100, space.used());
  }

  @Test
  void hasRoomForAFullBatchWhereThatIsNotTooMuch() {
    assertEquals(8 * 512, KeyValueSpace.defaultCapacity(8, 512, 8 << 10, 24L << 30));
    assertEquals(8192, KeyValueSpace.defaultCapacity(8, 131_072, 64 << 10, 24L << 30));
  }

  @Test
  void hasRoomForOneSequenceOfALargeModelWhereTheMachineHasTheMemory() {
    long mebibyte = 1 << 20;
    assertEquals(4096, KeyValueSpace.defaultCapacity(8, 4096, mebibyte, 24L << 30));
    assertEquals(2048, KeyValueSpace.defaultCapacity(8, 4096, mebibyte, 8L << 30));
    assertEquals(512, KeyValueSpace.defaultCapacity(8, 4096, mebibyte, 1L << 30));
    assertEquals(4096, KeyValueSpace.defaultCapacity(1, 131_072, mebibyte, 64L << 30));
  }

  @Test
  void aFreedRunJoinsItsNeighbours() {
    var space = new KeyValueSpace(90, 8);
    space.reserve(30);
    space.reserve(30);
    space.reserve(30);
    space.release(30);
    assertEquals(-1, space.reserve(31));
    space.release(0);
    assertEquals(0, space.reserve(60));
  }

  @Test
  void refusesMoreRunsThanItWasMadeFor() {
    var space = new KeyValueSpace(100, 2);
    space.reserve(1);
    space.reserve(1);
    assertEquals(-1, space.reserve(1));
  }

  @Test
  void refusesToReleaseWhatIsNotReserved() {
    assertThrows(IllegalArgumentException.class, () -> new KeyValueSpace(10, 2).release(0));
  }

  @Test
  void runsNeverOverlap() {
    var random = new Random(9);
    var space = new KeyValueSpace(200, 16);
    Map<Integer, Integer> runs = new HashMap<>();
    for (int i = 0; i < 20_000; i++) {
      if (random.nextBoolean() && !runs.isEmpty()) {
        int start =
            runs.keySet().stream().skip(random.nextInt(runs.size())).findFirst().orElseThrow();
        runs.remove(start);
        space.release(start);
      } else {
        int length = 1 + random.nextInt(40);
        int start = space.reserve(length);
        if (start >= 0) {
          assertTrue(start + length <= 200);
          runs.forEach(
              (other, size) -> assertTrue(start + length <= other || other + size <= start));
          runs.put(start, length);
        }
      }
      assertEquals(runs.values().stream().mapToInt(Integer::intValue).sum(), space.used());
    }
  }
}
