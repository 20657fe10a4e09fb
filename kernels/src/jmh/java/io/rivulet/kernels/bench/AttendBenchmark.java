package io.rivulet.kernels.bench;

import io.rivulet.kernels.AttentionRule;
import io.rivulet.kernels.FloatTensor;
import io.rivulet.kernels.KeyValueBlocks;
import io.rivulet.kernels.KeyValueType;
import io.rivulet.kernels.ThreadTeam;
import java.lang.foreign.Arena;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
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
  private final AttentionRule rule =
      new AttentionRule(HEADS / KEY_HEADS, 0, (float) (1 / Math.sqrt(HEAD_SIZE)), 0);
  private FloatTensor queries;
  private KeyValueBlocks cache;
  private int[] blocks;
  private FloatTensor out;
  private ThreadTeam.Task task;

  /** Makes queries, keys and values. */
  @Setup(Level.Trial)
  public void allocate(Machine machine) {
    queries = Samples.activations(arena, 1, HEADS * HEAD_SIZE, 1);
    blocks = IntStream.range(0, positions / KeyValueBlocks.POSITIONS).toArray();
    cache = KeyValueBlocks.allocate(arena, KeyValueType.F32, blocks.length, KEY_HEADS, HEAD_SIZE);
    FloatTensor some = Samples.activations(arena, 2, KEY_HEADS * HEAD_SIZE, 2);
    for (int position = 0; position < positions; position++) {
      int slot = position % KeyValueBlocks.POSITIONS;
      cache.store(position / KeyValueBlocks.POSITIONS, slot, some, some, position % 2);
    }
    out = FloatTensor.allocate(arena, 1, HEADS * HEAD_SIZE);
    task =
        part -> {
          int to = machine.start(part + 1, KEY_HEADS, 1);
          for (int head = machine.start(part, KEY_HEADS, 1); head < to; head++) {
            machine.kernels().attend(rule, queries, 0, 1, cache, head, blocks, positions - 1, out);
          }
        };
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
        2L * positions * KEY_HEADS * HEAD_SIZE * Float.BYTES,
        2L * HEADS * HEAD_SIZE * positions);
  }
}
