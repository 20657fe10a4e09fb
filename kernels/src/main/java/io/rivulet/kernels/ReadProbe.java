package io.rivulet.kernels;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Measures how fast this machine reads memory, the ceiling for everything that reads weights once a
 * token. It moves with what else the machine does: compare only with what was measured in the same
 * run.
 */
public final class ReadProbe {

  private static final int PART_BYTES = 1 << 20;
  private static final int QUARTER_BYTES = PART_BYTES / 4;
  private static final int LINE_BYTES = 64;

  private ReadProbe() {}

  /**
   * Reads memory several times with all threads of the team.
   *
   * @param bytes how much memory to take, well over the last-level cache; rounded up to 1 MiB
   * @param rounds how often to read it, at least 1, after a first time that does not count
   * @return the fastest round, in 10^9 bytes a second
   */
  public static double gigabytesPerSecond(ThreadTeam team, long bytes, int rounds) {
    if (bytes < 1 || rounds < 1) {
      throw new IllegalArgumentException(
          "a read probe needs bytes and rounds, was " + bytes + " and " + rounds);
    }
    int parts = Math.toIntExact((bytes + PART_BYTES - 1) / PART_BYTES);
    long[] sums = new long[parts];
    try (Arena arena = Arena.ofShared()) {
      MemorySegment memory = arena.allocate((long) parts * PART_BYTES, FloatTensor.ALIGNMENT);
      memory.fill((byte) 0);
      ThreadTeam.Task task = part -> sums[part] = sum(memory, (long) part * PART_BYTES);
      team.run(parts, task);
      long fastest = Long.MAX_VALUE;
      for (int round = 0; round < rounds; round++) {
        long start = System.nanoTime();
        team.run(parts, task);
        fastest = Math.min(fastest, System.nanoTime() - start);
      }
      check(sums);
      return (double) memory.byteSize() / fastest;
    }
  }

  /**
   * Two loads from each cache line, which is what memory delivers, of the four quarters of a part
   * in turn: a core fetches from four streams at once half as fast again as from one.
   */
  private static long sum(MemorySegment memory, long from) {
    long from1 = from + QUARTER_BYTES;
    long from2 = from1 + QUARTER_BYTES;
    long from3 = from2 + QUARTER_BYTES;
    long s0 = 0;
    long s1 = 0;
    long s2 = 0;
    long s3 = 0;
    long s4 = 0;
    long s5 = 0;
    long s6 = 0;
    long s7 = 0;
    for (int i = 0; i < QUARTER_BYTES; i += LINE_BYTES) {
      s0 += memory.get(JAVA_LONG, from + i);
      s1 += memory.get(JAVA_LONG, from1 + i);
      s2 += memory.get(JAVA_LONG, from2 + i);
      s3 += memory.get(JAVA_LONG, from3 + i);
      s4 += memory.get(JAVA_LONG, from + i + LINE_BYTES / 2);
      s5 += memory.get(JAVA_LONG, from1 + i + LINE_BYTES / 2);
      s6 += memory.get(JAVA_LONG, from2 + i + LINE_BYTES / 2);
      s7 += memory.get(JAVA_LONG, from3 + i + LINE_BYTES / 2);
    }
    return s0 + s1 + s2 + s3 + s4 + s5 + s6 + s7;
  }

  /** Uses what was read, so that reading it cannot be left out. */
  private static void check(long[] sums) {
    for (long sum : sums) {
      if (sum != 0) {
        throw new IllegalStateException("memory does not hold what was written to it");
      }
    }
  }
}
