package io.rivulet.kernels.bench;

import io.rivulet.kernels.WeightType;
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

/**
 * A feed-forward network of 2048 x 8192 for one token, from DRAM: dense, with up computed for
 * active neurons alone, and with these named by a low-rank predictor. Activation functions, the
 * same for all, are left out.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(2)
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 3, time = 2)
public class FeedForwardBenchmark {

  /** How the weights are stored in a file. */
  @Param({"Q8_0", "Q4_0"})
  public WeightType type;

  /** The share of neurons that are active, in percent. */
  @Param({"5", "10", "20"})
  public int density;

  private FeedForward layers;

  /** Makes weights and activations. */
  @Setup(Level.Trial)
  public void allocate(Machine machine) {
    layers = new FeedForward(machine, type, density / 100.0);
  }

  /** Frees them. */
  @TearDown(Level.Trial)
  public void free() {
    layers.close();
  }

  /** Both products of packed weights, all rows. */
  @Benchmark
  public void dense() {
    layers.next();
    layers.up();
    layers.down();
  }

  /** All rows of up, and down by the rows of active neurons, as without a predictor. */
  @Benchmark
  public void sparseDown() {
    layers.next();
    layers.up();
    layers.sparseDown();
  }

  /** The rows of active neurons, known beforehand. */
  @Benchmark
  public void sparse() {
    layers.next();
    layers.sparseUp();
    layers.sparseDown();
  }

  /** As sparse, with the predictor that names as many. */
  @Benchmark
  public void predicted() {
    layers.next();
    layers.predict();
    layers.sparseUp();
    layers.sparseDown();
  }
}
