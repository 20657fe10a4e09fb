package io.rivulet.kernels.bench;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.rivulet.kernels.FloatTensor;
import io.rivulet.kernels.Matrix;
import io.rivulet.kernels.WeightType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import java.util.stream.IntStream;

/** Weights and activations to compute with, the same in every fork. */
final class Samples {

  /** What counts of rows are multiples of, as a model's are. */
  static final int ROW_STEP = 64;

  private static final int BYTES_BELOW = 0x40;

  private Samples() {}

  /** Random bytes below 0x40: taken as scales or weights of any type they are finite numbers. */
  static Matrix weights(Arena arena, WeightType type, int rows, int cols, long seed) {
    Random random = new Random(seed);
    MemorySegment data = arena.allocate(type.rowBytes(cols) * rows, FloatTensor.ALIGNMENT);
    byte[] row = new byte[(int) type.rowBytes(cols)];
    for (int r = 0; r < rows; r++) {
      random.nextBytes(row);
      for (int i = 0; i < row.length; i++) {
        row[i] &= BYTES_BELOW - 1;
      }
      MemorySegment.copy(row, 0, data, JAVA_BYTE, (long) r * row.length, row.length);
    }
    return new Matrix(type, rows, cols, data);
  }

  static FloatTensor activations(Arena arena, int rows, int cols, long seed) {
    Random random = new Random(seed);
    FloatTensor tensor = FloatTensor.allocate(arena, rows, cols);
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < cols; c++) {
        tensor.set(r, c, (float) random.nextGaussian());
      }
    }
    return tensor;
  }

  /** Ascending ids of neurons, each chosen with the same probability. */
  static int[] active(int neurons, double density, long seed) {
    Random random = new Random(seed);
    return IntStream.range(0, neurons).filter(id -> random.nextDouble() < density).toArray();
  }
}
