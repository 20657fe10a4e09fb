package io.rivulet.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Rows in a mapped file, as pages. */
@EnabledOnOs(OS.LINUX)
class MappedRowsTest {

  private static final int ROWS = 64;

  @TempDir Path folder;

  @Test
  void aPageThatSeveralRowsAskForCountsOnce() throws IOException {
    MemoryPages system = MemoryPages.ofSystem().orElseThrow();
    try (Arena arena = Arena.ofShared()) {
      MappedRows rows = rows(system, system.size() / 2, arena);
      assertEquals(ROWS / 2L * system.size(), rows.bytes());
      rows.clear();
      rows.ask(new int[] {0, 1, 2, 7, 63}, 4);
      rows.ask(new int[] {1, 6, 62}, 2);
      rows.readAhead();
      assertEquals(3, rows.pagesAsked());
      assertTrue(rows.pagesThere() <= 3);
      rows.clear();
      rows.readAhead();
      assertEquals(3, rows.pagesAsked());
      rows.askAll();
      rows.readAhead();
      assertEquals(3 + ROWS / 2, rows.pagesAsked());
    }
  }

  @Test
  void aRowThatCrossesPagesAsksForAllOfThem() throws IOException {
    MemoryPages system = MemoryPages.ofSystem().orElseThrow();
    try (Arena arena = Arena.ofShared()) {
      MappedRows rows = rows(system, system.size() + 64, arena);
      rows.clear();
      rows.ask(new int[] {1}, 1);
      rows.readAhead();
      assertEquals(2, rows.pagesAsked());
    }
  }

  @Test
  void thePagesUsedMostAreKeptAsFarAsTheBudgetGoes() throws IOException {
    MemoryPages system = MemoryPages.ofSystem().orElseThrow();
    try (Arena arena = Arena.ofShared()) {
      MappedRows rows = rows(system, system.size(), arena);
      for (int step = 0; step < 8; step++) {
        rows.clear();
        rows.ask(new int[] {3, 5, 8}, 3);
        rows.ask(new int[] {10 + step}, 1);
        rows.readAhead();
      }
      rows.keepMostUsed(4L * system.size());
      // None where the system lets a process lock none.
      assertTrue(rows.pagesKept() == 3 || rows.pagesKept() == 0, "kept " + rows.pagesKept());
      rows.keepMostUsed(0);
      assertEquals(0, rows.pagesKept());
    }
  }

  private MappedRows rows(MemoryPages system, int rowBytes, Arena arena) throws IOException {
    Path file = folder.resolve("rows");
    Files.write(file, new byte[ROWS * rowBytes]);
    try (FileChannel channel = FileChannel.open(file)) {
      MemorySegment mapped = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
      return new MappedRows(system, mapped, ROWS, arena);
    }
  }
}
