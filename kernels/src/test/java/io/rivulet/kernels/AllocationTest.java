package io.rivulet.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A vector that the compiler leaves on the heap is seen here: it costs more than its arithmetic.
 */
class AllocationTest {

  private static final int SIZE = 128;
  private static final int RUNS = 50;
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);

  private final Kernels kernels = KernelsUnderTest.select();

  @ParameterizedTest
  @EnumSource
  void productsAllocateNothingOnceWarm(WeightType type) {
    int size = Math.max(SIZE, type.blockSize());
    try (Arena arena = Arena.ofConfined()) {
      Matrix w = Samples.weights(arena, type, size, size, 1);
      FloatTensor x = Samples.activations(arena, 4, size, 2);
      FloatTensor out = FloatTensor.allocate(arena, 4, size);
      assertAllocatesNothing(() -> kernels.multiply(w, x, 1, out, 0, size));
      assertAllocatesNothing(() -> kernels.multiply(w, x, 4, out, 0, size));
      int[] ids = everyThird(size);
      assertAllocatesNothing(() -> kernels.multiplyRows(w, x, 1, ids, 0, ids.length, out));
      assertAllocatesNothing(() -> kernels.multiplySharedRows(w, x, 4, ids, 0, ids.length, out));
      assertAllocatesNothing(() -> WeightCodec.decodeRow(w, 1, out, 0));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"Q8_0", "Q4_0"})
  void packedProductsAllocateNothingOnceWarm(WeightType type) {
    try (Arena arena = Arena.ofShared()) {
      int size = 480;
      Matrix stored = Samples.weights(arena, type, size, size, 1);
      PackedMatrix w = PackedMatrix.of(stored, arena);
      FloatTensor x = Samples.activations(arena, 4, size, 2);
      ActivationCodes codes = ActivationCodes.allocate(arena, 4, size);
      FloatTensor out = FloatTensor.allocate(arena, 4, size);
      assertAllocatesNothing(() -> kernels.quantize(x, 1, codes));
      assertAllocatesNothing(() -> kernels.multiply(w, codes, 1, out, 0, size));
      assertAllocatesNothing(() -> kernels.multiply(w, codes, 4, out, 0, size));
      int[] ids = everyThird(size);
      assertAllocatesNothing(() -> kernels.multiplyRows(w, codes, 1, ids, 0, ids.length, out));
      assertAllocatesNothing(
          () -> kernels.multiplySharedRows(w, codes, 4, ids, 0, ids.length, out));
    }
  }

  private static int[] everyThird(int rows) {
    return IntStream.range(0, rows).filter(id -> id % 3 == 1).toArray();
  }

  @Test
  void predictionsAllocateNothingOnceWarm() {
    try (Arena arena = Arena.ofConfined()) {
      LaneRows w = LaneRows.of(arena, Samples.activations(arena, 200, 66, 1), new float[200]);
      FloatTensor x = Samples.activations(arena, 2, 66, 2);
      FloatTensor out = FloatTensor.allocate(arena, 2, 200);
      int[] ids = new int[200];
      assertAllocatesNothing(
          () -> {
            kernels.score(w, x, 1, out, 0, 200);
            kernels.positive(out, 1, 0, 200, ids, 0);
          });
    }
  }

  /**
   * One row, then many, and all products before: what the compiler has seen other kernels do with
   * vectors, and this one with few rows, must not spoil the code that it makes for many.
   */
  @ParameterizedTest
  @EnumSource(names = {"F32", "F16", "BF16"})
  void sumsOfRowsAllocateNothingOnceAllElseIsWarm(WeightType type) {
    for (WeightType other : WeightType.values()) {
      productsAllocateNothingOnceWarm(other);
    }
    try (Arena arena = Arena.ofConfined()) {
      Matrix w = Samples.weights(arena, type, SIZE, SIZE, 1);
      FloatTensor x = Samples.activations(arena, 6, SIZE, 2);
      FloatTensor out = FloatTensor.allocate(arena, 6, SIZE);
      assertSumsAllocateNothing(w, x, out);
    }
  }

  @ParameterizedTest
  @MethodSource("io.rivulet.kernels.CodedRowsTest#kinds")
  void sumsOfCodedRowsAllocateNothingOnceWarm(CodedRowsTest.Kind kind) {
    try (Arena arena = Arena.ofConfined()) {
      int cols = 292;
      CodedRows w = kind.sample(arena, cols);
      FloatTensor x = Samples.activations(arena, 6, w.rows(), 2);
      FloatTensor out = FloatTensor.allocate(arena, 6, cols);
      assertSumsAllocateNothing(w, x, out);
    }
  }

  /** For one token, then for six, of which the first four have all neurons active. */
  private void assertSumsAllocateNothing(NeuronRows w, FloatTensor x, FloatTensor out) {
    int[][] ids = new int[6][];
    Arrays.fill(ids, IntStream.range(0, w.rows()).toArray());
    for (int[] counts :
        new int[][] {{1}, {w.rows() - 1}, {w.rows(), w.rows(), w.rows(), w.rows(), 5, 50}}) {
      assertAllocatesNothing(
          () -> kernels.accumulateRows(w, x, counts.length, ids, counts, out, 0, w.cols()));
    }
  }

  @ParameterizedTest
  @EnumSource
  void attentionAllocatesNothingOnceWarm(KeyValueType type) {
    try (Arena arena = Arena.ofConfined()) {
      FloatTensor x = Samples.activations(arena, 40, SIZE, 2);
      FloatTensor y = Samples.activations(arena, 40, SIZE, 3);
      FloatTensor out = FloatTensor.allocate(arena, 40, SIZE);
      KeyValueBlocks cache = KeyValueBlocks.allocate(arena, type, 2, 1, 32);
      AttentionRule rule = new AttentionRule(4, 0, 0.1f, 5);
      int[] blocks = {0, 1};
      assertAllocatesNothing(
          () -> {
            cache.store(1, 8, x, y, 39);
            kernels.attend(rule, x, 0, 40, cache, 0, blocks, 0, out);
            kernels.attend(rule, x, 1, 1, cache, 0, blocks, 39, out);
          });
    }
  }

  @Test
  void everythingElseAllocatesNothingOnceWarm() {
    try (Arena arena = Arena.ofConfined()) {
      FloatTensor x = Samples.activations(arena, 40, SIZE, 2);
      FloatTensor y = Samples.activations(arena, 40, SIZE, 3);
      FloatTensor row = Samples.activations(arena, 1, SIZE, 4);
      FloatTensor out = FloatTensor.allocate(arena, 40, SIZE);
      FloatTensor rotations = FloatTensor.allocate(arena, 1, 64);
      Rotations.fill(Rotations.frequencies(64, 10000), 1, 5, rotations, 0);
      int[] ids = new int[SIZE];
      Activation[] activations = Activation.values();
      assertAllocatesNothing(
          () -> {
            kernels.layerNorm(x, 1, 0, row, row, 1e-5f, out);
            kernels.rmsNorm(x, 1, 0, row, 1e-5f, out);
            kernels.rope(RopeLayout.HALVES, out, 1, 0, 64, rotations, 0);
            kernels.rope(RopeLayout.INTERLEAVED, out, 1, 0, 64, rotations, 0);
            kernels.softmax(out, 2, SIZE);
            for (Activation activation : activations) {
              kernels.activate(activation, out, 3, 0, SIZE);
            }
            kernels.rectify(out, 3, 0, SIZE, 0.1f);
            kernels.softCap(out, 3, 0, SIZE, 30);
            kernels.add(out, y, 1, 0, SIZE);
            kernels.multiply(out, y, 1, 0, SIZE);
            kernels.scale(out, 1, 0, SIZE, 0.1f);
            kernels.nonZero(x, 1, 0, SIZE, ids, 0);
            kernels.above(x, 1, 0, SIZE, row, 0, ids, 0);
            kernels.positive(x, 1, 0, SIZE, ids, 0);
          });
    }
  }

  @Test
  void handingOutPartsAllocatesNothingOnceWarm() {
    int[] done = new int[8];
    ThreadTeam.Task task = part -> done[part]++;
    try (ThreadTeam team = new ThreadTeam(2)) {
      assertAllocatesNothing(() -> team.run(done.length, task));
    }
  }

  /** Repeats until the compiler has caught up, which a busy machine may delay. */
  private static void assertAllocatesNothing(Runnable action) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    long allocated = Long.MAX_VALUE;
    while (allocated != 0 && System.nanoTime() - deadline < 0) {
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int run = 0; run < RUNS; run++) {
        action.run();
      }
      allocated = threads.getCurrentThreadAllocatedBytes() - before;
    }
    assertEquals(0, allocated, "bytes in " + RUNS + " runs");
  }
}
