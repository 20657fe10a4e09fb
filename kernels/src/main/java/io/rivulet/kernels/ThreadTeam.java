package io.rivulet.kernels;

import static java.util.Objects.requireNonNull;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * A fixed set of threads that work on the parts of one task after another, with hand-off times of
 * well under a microsecond while busy. Whoever waits spins for a bounded time, then yields, then
 * parks, so that a machine with other work to do does not grind to a halt.
 *
 * <p>Parts are claimed one at a time by whoever is free, the caller among them: a thread that gets
 * no processor delays nobody but for the part it is in. What a part computes must therefore not
 * depend on who runs it, nor when.
 *
 * <p>One task at a time; a run allocates nothing.
 */
@SuppressWarnings("ThreadPriorityCheck") // yields only between spinning and parking
public final class ThreadTeam implements AutoCloseable {

  /** Work that can be done in parts. */
  @FunctionalInterface
  public interface Task {
    /** Does one part, numbered from 0. */
    void run(int part);
  }

  private static final int SPINS = 1000;
  private static final long YIELD_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final long CALLER_PARK_NANOS = TimeUnit.MICROSECONDS.toNanos(50);

  private static final VarHandle CELLS = MethodHandles.arrayElementVarHandle(long[].class);

  /**
   * Cells that threads write are kept on cache lines of their own (and of the prefetcher's pair).
   */
  private static final int CLAIM = 16;

  private static final int DONE = 32;
  private static final int SLEEPERS = 48;
  private static final int RUNNING = 64;

  private final long[] cells = new long[80];
  private final AtomicReference<Throwable> failure = new AtomicReference<>();
  private final Thread[] workers;

  // Written only while no part is left to claim, published by the claim cell.
  private Task task = part -> {};

  private int parts;

  private volatile boolean closed;

  /**
   * Starts the threads.
   *
   * @param threads how many threads work on a task, the caller included; at least 1
   */
  public ThreadTeam(int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("a team needs at least 1 thread, was " + threads);
    }
    workers = new Thread[threads - 1];
    for (int i = 0; i < workers.length; i++) {
      workers[i] =
          Thread.ofPlatform().name("rivulet-kernels-" + (i + 1)).daemon().start(this::work);
    }
  }

  /** How many threads work on a task, the caller included. */
  public int threads() {
    return workers.length + 1;
  }

  /**
   * Runs all parts of a task, on the caller and the team's threads, and returns when all are done.
   * If parts throw, the others still run and one of what was thrown is thrown here.
   *
   * @throws IllegalStateException if the team is closed or another task is running
   */
  public void run(int parts, Task task) {
    requireNonNull(task, "task is null");
    if (!CELLS.compareAndSet(cells, RUNNING, 0L, 1L)) {
      throw new IllegalStateException("the thread team is running another task");
    }
    try {
      if (closed) {
        throw new IllegalStateException("the thread team is closed");
      }
      if (workers.length == 0 || parts <= 1) {
        runAlone(parts, task);
      } else {
        runTogether(parts, task);
      }
      if (failure.getPlain() != null) {
        rethrow(failure.getAndSet(null));
      }
    } finally {
      CELLS.setVolatile(cells, RUNNING, 0L);
    }
  }

  /** Ends the threads. Must not be called while a task runs. */
  @Override
  public void close() {
    closed = true;
    for (Thread worker : workers) {
      LockSupport.unpark(worker);
    }
    boolean interrupted = false;
    for (Thread worker : workers) {
      while (worker.isAlive()) {
        try {
          worker.join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void runAlone(int count, Task work) {
    for (int part = 0; part < count; part++) {
      runPart(work, part);
    }
  }

  private void runTogether(int count, Task work) {
    long epoch = ((long) CELLS.getVolatile(cells, CLAIM) >>> Integer.SIZE) + 1;
    task = work;
    parts = count;
    CELLS.setVolatile(cells, DONE, 0L);
    CELLS.setVolatile(cells, CLAIM, epoch << Integer.SIZE | count);
    if ((long) CELLS.getVolatile(cells, SLEEPERS) != 0) {
      for (Thread worker : workers) {
        LockSupport.unpark(worker);
      }
    }
    claimParts();
    awaitParts(count);
  }

  /**
   * Claims and runs parts until none is left. A claim is a compare-and-set of (epoch, parts left):
   * where it succeeds, a part was left until then, so task and parts, read before, belong to the
   * same epoch.
   */
  private boolean claimParts() {
    boolean claimed = false;
    while (true) {
      long claim = (long) CELLS.getVolatile(cells, CLAIM);
      int left = (int) claim;
      if (left == 0) {
        return claimed;
      }
      Task work = task;
      int part = parts - left;
      if (CELLS.compareAndSet(cells, CLAIM, claim, claim - 1)) {
        claimed = true;
        runPart(work, part);
        CELLS.getAndAdd(cells, DONE, 1L);
      }
    }
  }

  private void runPart(Task work, int part) {
    try {
      work.run(part);
    } catch (Throwable e) {
      failure.compareAndSet(null, e);
    }
  }

  private void awaitParts(int count) {
    int spins = 0;
    long yieldUntil = 0;
    while ((long) CELLS.getVolatile(cells, DONE) != count) {
      if (spins < SPINS) {
        spins++;
        Thread.onSpinWait();
      } else if (yieldUntil == 0) {
        yieldUntil = System.nanoTime() + YIELD_NANOS;
      } else if (System.nanoTime() - yieldUntil < 0) {
        Thread.yield();
      } else {
        LockSupport.parkNanos(this, CALLER_PARK_NANOS);
      }
    }
  }

  private void work() {
    int spins = 0;
    long yieldUntil = 0;
    while (!closed) {
      if (claimParts()) {
        spins = 0;
        yieldUntil = 0;
      } else if (spins < SPINS) {
        spins++;
        Thread.onSpinWait();
      } else if (yieldUntil == 0) {
        yieldUntil = System.nanoTime() + YIELD_NANOS;
      } else if (System.nanoTime() - yieldUntil < 0) {
        Thread.yield();
      } else {
        sleep();
        spins = 0;
        yieldUntil = 0;
      }
    }
  }

  /** Says that it sleeps before it looks for the last time, so that no task is overlooked. */
  private void sleep() {
    CELLS.getAndAdd(cells, SLEEPERS, 1L);
    while (!closed && (int) (long) CELLS.getVolatile(cells, CLAIM) == 0) {
      LockSupport.park(this);
      // An interrupt means nothing here, but with it pending park would not wait.
      Thread.interrupted();
    }
    CELLS.getAndAdd(cells, SLEEPERS, -1L);
  }

  private static void rethrow(Throwable thrown) {
    ThreadTeam.<RuntimeException>sneak(thrown);
  }

  @SuppressWarnings("unchecked")
  private static <T extends Throwable> void sneak(Throwable thrown) throws T {
    throw (T) thrown;
  }
}
