package io.rivulet.kernels.bench;

import io.rivulet.kernels.FloatTensor;
import io.rivulet.kernels.Matrix;
import io.rivulet.kernels.ThreadTeam;
import io.rivulet.kernels.WeightType;
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

/** Matrix times one token, as in decoding, times a batch of 8, and times a prompt of 128. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(2)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
public class MultiplyBenchmark {

  /** How the weights are stored. */
  @Param({"Q8_0", "Q4_0", "F16"})
  public WeightType type;

  /** Where they lie. */
  @Param({"CACHE", "DRAM"})
  public Memory memory;

  /** Tokens that the weights are read once for. */
  @Param({"1", "8", "128"})
  public int tokens;

  private final Arena arena = Arena.ofShared();
  private WeightsInTurn weights;
  private FloatTensor x;
  private FloatTensor out;
  private Matrix w;
  private ThreadTeam.Task task;

  /** Makes weights and activations. */
  @Setup(Level.Trial)
  public void allocate(Machine machine) {
    weights = new WeightsInTurn(arena, type, memory);
    int rows = weights.rows();
    x = Samples.activations(arena, tokens, WeightsInTurn.COLS, 1);
    out = FloatTensor.allocate(arena, tokens, rows);
    task =
        part -> {
          int from = machine.start(part, rows, 1);
          int to = machine.start(part + 1, rows, 1);
          machine.kernels().multiply(w, x, tokens, out, from, to);
        };
  }

  /** Frees them. */
  @TearDown(Level.Trial)
  public void free() {
    arena.close();
  }

  /** A whole matrix. */
  @Benchmark
  public void multiply(Machine machine, Traffic traffic) {
    w = weights.next();
    machine.run(task);
    traffic.count(machine, w.byteSize(), (long) w.rows() * w.cols() * tokens);
  }
}
