package io.rivulet.kernels.bench;

import io.rivulet.kernels.Kernels;
import io.rivulet.kernels.ReadProbe;
import io.rivulet.kernels.ThreadTeam;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** What computes: the kernels, a team of threads, and how fast they can read memory at best. */
@State(Scope.Benchmark)
public class Machine {

  private static final long PROBE_BYTES = 256L << 20;
  private static final int PROBE_ROUNDS = 8;

  /** As in a forward pass: enough that a thread that is late can leave some to the others. */
  private static final int PARTS_PER_THREAD = 8;

  /** Threads that compute, JMH's own among them. */
  @Param({"1", "2"})
  public int threads;

  private final Kernels kernels = Kernels.select();
  private ThreadTeam team;
  private double probe;

  /** Starts the threads and reads memory with them. */
  @Setup(Level.Trial)
  public void start() {
    team = new ThreadTeam(threads);
    probe = ReadProbe.gigabytesPerSecond(team, PROBE_BYTES, PROBE_ROUNDS);
  }

  /** Ends the threads. */
  @TearDown(Level.Trial)
  public void close() {
    team.close();
  }

  Kernels kernels() {
    return kernels;
  }

  /** The read probe's speed, in 10^9 bytes a second. */
  double probe() {
    return probe;
  }

  /** How many parts to make of a task. */
  int parts() {
    return team.threads() * PARTS_PER_THREAD;
  }

  void run(ThreadTeam.Task task) {
    run(parts(), task);
  }

  /** For work that is cut in fewer parts. */
  void run(int parts, ThreadTeam.Task task) {
    team.run(parts, task);
  }

  /**
   * Where a part begins, and the one before it ends, when elements are dealt out evenly.
   *
   * @param step elements that stay together
   */
  int start(int part, int elements, int step) {
    return part == parts() ? elements : (int) ((long) elements / step * part / parts()) * step;
  }
}
