package io.rivulet.kernels.bench;

import io.rivulet.kernels.FloatTensor;
import io.rivulet.kernels.Matrix;
import io.rivulet.kernels.NeuronRows;
import io.rivulet.kernels.ThreadTeam;
import io.rivulet.kernels.WeightType;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
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

/** The sparse down projection for one token, from DRAM, at several densities. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(2)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
public class AccumulateRowsBenchmark {

  private static final int WIDTH = 2048;
  private static final int NEURONS = 8192;
  private static final long ALL_BYTES = 512L << 20;

  /** How the weights are stored in a file. */
  @Param({"Q8_0", "Q4_0", "F16"})
  public WeightType type;

  /** The share of neurons that are not zero, in percent. */
  @Param({"5", "10", "20", "50"})
  public int density;

  private final Arena arena = Arena.ofShared();
  private List<NeuronRows> layers;
  private int layer;
  private int[][] ids;
  private int[] counts;
  private NeuronRows rows;
  private FloatTensor activations;
  private FloatTensor out;
  private ThreadTeam.Task task;

  /** Makes weights and activations. */
  @Setup(Level.Trial)
  public void allocate(Machine machine) {
    layers =
        LongStream.range(0, ALL_BYTES / (type.rowBytes(NEURONS) * WIDTH))
            .mapToObj(this::layer)
            .toList();
    ids = new int[][] {Samples.active(NEURONS, density / 100.0, 1)};
    counts = new int[] {ids[0].length};
    activations = Samples.activations(arena, 1, NEURONS, 2);
    out = FloatTensor.allocate(arena, 1, WIDTH);
    task =
        part -> {
          int step = Math.max(rows.columnStep(), FloatTensor.ALIGNMENT / Float.BYTES);
          int from = machine.start(part, WIDTH, step);
          int to = machine.start(part + 1, WIDTH, step);
          machine.kernels().accumulateRows(rows, activations, 1, ids, counts, out, from, to);
        };
  }

  private NeuronRows layer(long seed) {
    try (Arena stored = Arena.ofShared()) {
      Matrix down = Samples.weights(stored, type, WIDTH, NEURONS, seed);
      return NeuronRows.of(down, arena);
    }
  }

  /** Frees them. */
  @TearDown(Level.Trial)
  public void free() {
    arena.close();
  }

  /** A whole down projection. */
  @Benchmark
  public void accumulateRows(Machine machine, Traffic traffic) {
    layer = layer + 1 == layers.size() ? 0 : layer + 1;
    rows = layers.get(layer);
    machine.run(task);
    traffic.count(machine, rows.byteSize() / NEURONS * counts[0], (long) WIDTH * counts[0]);
  }
}
