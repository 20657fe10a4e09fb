package io.rivulet.kernels;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Measures how fast this machine reads memory from front to back, the ceiling for everything that
 * reads weights once a token. It moves with what else the machine does: compare only with what was
 * measured in the same run.
 */
public final class ReadProbe {

  private static final int PART_BYTES = 1 << 20;
  private static final int STEP = 8 * Long.BYTES;

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

  /** Plain loads: eight independent sums keep more lines in flight than a core can fetch. */
  private static long sum(MemorySegment memory, long from) {
    long s0 = 0;
    long s1 = 0;
    long s2 = 0;
    long s3 = 0;
    long s4 = 0;
    long s5 = 0;
    long s6 = 0;
    long s7 = 0;
    for (int i = 0; i < PART_BYTES; i += STEP) {
      long at = from + i;
      s0 += memory.get(JAVA_LONG, at);
      s1 += memory.get(JAVA_LONG, at + 8);
      s2 += memory.get(JAVA_LONG, at + 16);
      s3 += memory.get(JAVA_LONG, at + 24);
      s4 += memory.get(JAVA_LONG, at + 32);
      s5 += memory.get(JAVA_LONG, at + 40);
      s6 += memory.get(JAVA_LONG, at + 48);
      s7 += memory.get(JAVA_LONG, at + 56);
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
