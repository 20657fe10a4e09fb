package io.rivulet.kernels.bench;

import io.rivulet.kernels.FloatTensor;
import io.rivulet.kernels.ThreadTeam;
import java.lang.foreign.Arena;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Attention of one token's 32 query heads over 8 heads of keys and values. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(2)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
public class AttendBenchmark {

  private static final int HEADS = 32;
  private static final int KEY_HEADS = 8;
  private static final int HEAD_SIZE = 64;

  /** Positions that are attended to; 32768 take 128 MiB, which no cache holds. */
  @Param({"512", "32768"})
  public int positions;

  private final Arena arena = Arena.ofShared();
  private FloatTensor queries;
  private FloatTensor keys;
  private FloatTensor values;
  private FloatTensor scores;
  private FloatTensor out;
  private ThreadTeam.Task task;

  /** Makes queries, keys and values. */
  @Setup(Level.Trial)
  public void allocate(Machine machine) {
    queries = Samples.activations(arena, 1, HEADS * HEAD_SIZE, 1);
    keys = Samples.activations(arena, positions, KEY_HEADS * HEAD_SIZE, 2);
    values = Samples.activations(arena, positions, KEY_HEADS * HEAD_SIZE, 3);
    scores = FloatTensor.allocate(arena, HEADS, positions);
    out = FloatTensor.allocate(arena, 1, HEADS * HEAD_SIZE);
    task =
        part -> {
          int to = machine.start(part + 1, HEADS, 1);
          for (int head = machine.start(part, HEADS, 1); head < to; head++) {
            attend(machine, head);
          }
        };
  }

  private void attend(Machine machine, int head) {
    machine
        .kernels()
        .attend(
            queries,
            0,
            head * HEAD_SIZE,
            HEAD_SIZE,
            keys,
            values,
            0,
            positions,
            head / (HEADS / KEY_HEADS) * HEAD_SIZE,
            (float) (1 / Math.sqrt(HEAD_SIZE)),
            0,
            scores,
            head,
            out);
  }

  /** Frees them. */
  @TearDown(Level.Trial)
  public void free() {
    arena.close();
  }

  /** All heads. */
  @Benchmark
  public void attend(Machine machine, Traffic traffic) {
    machine.run(task);
    traffic.count(
        machine,
        keys.data().byteSize() + values.data().byteSize(),
        2L * HEADS * HEAD_SIZE * positions);
  }
}
