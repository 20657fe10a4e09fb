package io.rivulet.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class ThreadTeamTest {

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5})
  void runsEveryPartOnceAndReturnsAfterTheLast(int threads) {
    AtomicIntegerArray runs = new AtomicIntegerArray(17);
    try (ThreadTeam team = new ThreadTeam(threads)) {
      assertEquals(threads, team.threads());
      for (int round = 0; round < 5000; round++) {
        int parts = round % 18;
        int[] plain = new int[17];
        team.run(
            parts,
            part -> {
              runs.incrementAndGet(part);
              plain[part]++;
            });
        for (int part = 0; part < 17; part++) {
          assertEquals(part < parts ? 1 : 0, plain[part]);
        }
      }
    }
    for (int part = 0; part < 17; part++) {
      int expected = 0;
      for (int round = 0; round < 5000; round++) {
        expected += part < round % 18 ? 1 : 0;
      }
      assertEquals(expected, runs.get(part));
    }
  }

  @Test
  void worksOnPartsAtTheSameTime() {
    try (ThreadTeam team = new ThreadTeam(3)) {
      CountDownLatch all = new CountDownLatch(3);
      team.run(
          3,
          part -> {
            all.countDown();
            await(all);
          });
      assertEquals(0, all.getCount());
    }
  }

  @Test
  void wakesThreadsThatHaveGoneToSleep() throws InterruptedException {
    try (ThreadTeam team = new ThreadTeam(2)) {
      for (int round = 0; round < 5; round++) {
        Thread.sleep(20);
        CountDownLatch both = new CountDownLatch(2);
        team.run(
            2,
            part -> {
              both.countDown();
              await(both);
            });
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void exceptionsReachTheCallerAfterAllPartsHaveRun(int threads) {
    IllegalStateException thrown = new IllegalStateException("part 5");
    AtomicIntegerArray runs = new AtomicIntegerArray(9);
    try (ThreadTeam team = new ThreadTeam(threads)) {
      IllegalStateException caught =
          assertThrows(
              IllegalStateException.class,
              () ->
                  team.run(
                      9,
                      part -> {
                        runs.incrementAndGet(part);
                        if (part == 5) {
                          throw thrown;
                        }
                      }));
      assertSame(thrown, caught);
      team.run(9, runs::incrementAndGet);
      for (int part = 0; part < 9; part++) {
        assertEquals(2, runs.get(part));
      }
    }
  }

  @Test
  void refusesATaskWithinATask() {
    try (ThreadTeam team = new ThreadTeam(2)) {
      assertThrows(
          IllegalStateException.class, () -> team.run(1, part -> team.run(1, inner -> {})));
      team.run(1, part -> {});
    }
  }

  @Test
  void closeEndsTheThreads() throws InterruptedException {
    Set<Thread> threads = ConcurrentHashMap.newKeySet();
    ThreadTeam team = new ThreadTeam(2);
    CountDownLatch both = new CountDownLatch(2);
    team.run(
        2,
        part -> {
          threads.add(Thread.currentThread());
          both.countDown();
          await(both);
        });
    Thread.sleep(20);
    team.close();
    team.close();
    threads.remove(Thread.currentThread());
    assertEquals(1, threads.size());
    for (Thread thread : threads) {
      assertTrue(thread.isDaemon());
      assertFalse(thread.isAlive());
    }
    assertThrows(IllegalStateException.class, () -> team.run(1, part -> {}));
  }

  @Test
  void measuresReadBandwidth() {
    try (ThreadTeam team = new ThreadTeam(2)) {
      double bandwidth = ReadProbe.gigabytesPerSecond(team, 4 << 20, 2);
      assertTrue(bandwidth > 0.01 && bandwidth < 10_000, "GB/s: " + bandwidth);
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
