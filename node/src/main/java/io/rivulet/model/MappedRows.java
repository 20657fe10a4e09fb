package io.rivulet.model;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * The rows of one matrix in a mapped file, as pages: which of them are asked for, which are in
 * memory, and which are kept there. For one thread at a time.
 */
final class MappedRows {

  /** Linux reads no more than this at a time for a piece of advice. */
  private static final long MOST_BYTES = 128 << 10;

  /** Times that a page was asked for, at most, as its uses are halved now and then. */
  private static final int MOST_USES = 1 << 10;

  private final MemoryPages system;
  private final long start;
  private final long firstRow;
  private final long rowBytes;
  private final int count;
  private final byte[] asked;
  private final int[] uses;
  private final boolean[] kept;
  private final int[] byUses = new int[MOST_USES + 1];
  private final MemorySegment found;
  private final int mostPages;
  private boolean mayKeep = true;
  private long pagesAsked;
  private long pagesThere;

  /**
   * Of a matrix.
   *
   * @param memory its rows, one after another
   * @param rows how many there are
   */
  MappedRows(MemoryPages system, MemorySegment memory, int rows, Arena arena) {
    this.system = system;
    start = memory.address() / system.size() * system.size();
    firstRow = memory.address() - start;
    rowBytes = memory.byteSize() / rows;
    count = Math.toIntExact(Math.ceilDiv(firstRow + memory.byteSize(), system.size()));
    mostPages = (int) Math.max(1, MOST_BYTES / system.size());
    asked = new byte[count];
    uses = new int[count];
    kept = new boolean[count];
    found = arena.allocate(count);
  }

  /** Bytes of its pages. */
  long bytes() {
    return (long) count * system.size();
  }

  /** Nothing is asked for. */
  void clear() {
    Arrays.fill(asked, (byte) 0);
  }

  /** These rows are asked for. */
  void ask(int[] ids, int idCount) {
    for (int i = 0; i < idCount; i++) {
      long at = firstRow + ids[i] * rowBytes;
      int last = (int) ((at + rowBytes - 1) / system.size());
      for (int page = (int) (at / system.size()); page <= last; page++) {
        asked[page] = 1;
      }
    }
  }

  /** All rows are asked for. */
  void askAll() {
    Arrays.fill(asked, (byte) 1);
  }

  /** Has what is asked for and not in memory read from disk, runs of pages at a time. */
  void readAhead() {
    if (!system.find(start, bytes(), found)) {
      return;
    }
    int page = 0;
    while (page < count) {
      int first = page;
      while (page < count && page - first < mostPages && missing(page)) {
        page++;
      }
      if (page > first) {
        long bytes = (long) (page - first) * system.size();
        system.willNeed(start + (long) first * system.size(), bytes);
      } else {
        page++;
      }
    }
    note();
  }

  private boolean missing(int page) {
    return asked[page] != 0 && !there(page);
  }

  private boolean there(int page) {
    return (found.get(JAVA_BYTE, page) & 1) != 0;
  }

  private void note() {
    for (int page = 0; page < count; page++) {
      if (asked[page] != 0) {
        pagesAsked++;
        pagesThere += there(page) ? 1 : 0;
        uses[page] = Math.min(MOST_USES, uses[page] + 1);
      }
    }
  }

  /**
   * Keeps in memory the pages that were asked for most often of late, of those that are there or on
   * their way, and lets go of others. Where the system forbids it, the rest is left to the system.
   *
   * @param budget bytes
   */
  void keepMostUsed(long budget) {
    int least = leastUses(budget / system.size());
    int page = 0;
    while (page < count && mayKeep) {
      boolean keep = keeps(page, least);
      int first = page;
      while (page < count && kept[page] != keep && keeps(page, least) == keep) {
        page++;
      }
      if (page > first) {
        change(first, page, keep);
      } else {
        page++;
      }
    }
    for (int each = 0; each < count; each++) {
      uses[each] /= 2;
    }
  }

  private boolean keeps(int page, int least) {
    return valued(page) >= least && (kept[page] || asked[page] != 0 || there(page));
  }

  /** What is kept counts twice, so that pages of like use do not take turns. */
  private int valued(int page) {
    return kept[page] ? Math.min(MOST_USES, 2 * uses[page]) : uses[page];
  }

  /** The fewest uses that no more pages have than may be kept. */
  private int leastUses(long budget) {
    Arrays.fill(byUses, 0);
    for (int page = 0; page < count; page++) {
      byUses[valued(page)]++;
    }
    int least = MOST_USES + 1;
    long pages = 0;
    while (least > 1 && pages + byUses[least - 1] <= budget) {
      least--;
      pages += byUses[least];
    }
    return least;
  }

  private void change(int from, int to, boolean keep) {
    long at = start + (long) from * system.size();
    long bytes = (long) (to - from) * system.size();
    if (keep) {
      mayKeep = system.lock(at, bytes);
    } else {
      system.unlock(at, bytes);
    }
    if (mayKeep) {
      Arrays.fill(kept, from, to, keep);
    }
  }

  /** How many pages were asked for so far. */
  long pagesAsked() {
    return pagesAsked;
  }

  /** How many of them were in memory when they were. */
  long pagesThere() {
    return pagesThere;
  }

  /** How many pages are kept in memory. */
  int pagesKept() {
    int pages = 0;
    for (boolean each : kept) {
      pages += each ? 1 : 0;
    }
    return pages;
  }
}
