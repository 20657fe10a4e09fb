package io.rivulet;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;

/** What code leaves on the heap. */
public final class Allocations {

  private static final long PATIENCE_NANOS = Duration.ofSeconds(60).toNanos();

  private Allocations() {}

  /**
   * Repeats until the action leaves nothing on the heap: vectors are objects until the kernels are
   * compiled, which a busy machine does late.
   *
   * @param action on this thread alone
   */
  public static void assertNoneOnceWarm(Runnable action) {
    assertNoneOnceWarm(() -> {}, action);
  }

  /**
   * The same with something before each time that may leave what it wants.
   *
   * @param prepare not measured
   */
  public static void assertNoneOnceWarm(Runnable prepare, Runnable action) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    long allocated = Long.MAX_VALUE;
    while (allocated > 0 && System.nanoTime() - deadline < 0) {
      prepare.run();
      long before = threads.getCurrentThreadAllocatedBytes();
      action.run();
      allocated = threads.getCurrentThreadAllocatedBytes() - before;
    }
    assertEquals(0, allocated, "bytes on the heap");
  }
}
