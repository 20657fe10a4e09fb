package io.rivulet.model;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** What the operating system does with pages of memory. */
@EnabledOnOs(OS.LINUX)
class MemoryPagesTest {

  private static final long BYTES = (5L << 20) + 12_345;

  @Test
  void hugePagesAreMemoryOfZerosThatTheArenaFrees() {
    MemoryPages pages = MemoryPages.ofSystem().orElseThrow();
    MemorySegment memory;
    try (Arena arena = Arena.ofShared()) {
      memory = pages.allocateHuge(BYTES, arena).orElseThrow();
      assertEquals(BYTES, memory.byteSize());
      assertEquals(0, memory.address() % (2 << 20));
      for (long at = 0; at < BYTES; at += 4096) {
        assertEquals(0, memory.get(JAVA_BYTE, at));
      }
      memory.fill((byte) 1);
    }
    assertThrows(IllegalStateException.class, () -> memory.get(JAVA_BYTE, 0));
  }

  @Test
  void memoryThatNoSystemHasIsNotGiven() {
    MemoryPages pages = MemoryPages.ofSystem().orElseThrow();
    try (Arena arena = Arena.ofShared()) {
      assertTrue(pages.allocateHuge(1L << 60, arena).isEmpty());
    }
  }
}
