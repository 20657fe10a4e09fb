package io.rivulet.kernels;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;

/** Matrices and activations to compute with, the same in every run. */
final class Samples {

  private Samples() {}

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

  /** Activations of which about the given share is zero. */
  static FloatTensor sparse(Arena arena, int rows, int cols, double zeros, long seed) {
    Random random = new Random(seed);
    FloatTensor tensor = activations(arena, rows, cols, seed + 1);
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < cols; c++) {
        if (random.nextDouble() < zeros) {
          tensor.set(r, c, 0);
        }
      }
    }
    return tensor;
  }

  /** Weights around 0.02, some zero and some, for F16, subnormal; not aligned to anything. */
  static Matrix weights(Arena arena, WeightType type, int rows, int cols, long seed) {
    return type.encodable()
        ? encodedWeights(arena, type, rows, cols, seed)
        : randomBlocks(arena, type, rows, cols, seed);
  }

  private static Matrix encodedWeights(
      Arena arena, WeightType type, int rows, int cols, long seed) {
    FloatTensor values = activations(arena, rows, cols, seed);
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < cols; c++) {
        float factor = (r + c) % 7 == 0 ? 1e-5f : (r * c) % 11 == 3 ? 0 : 0.02f;
        values.set(r, c, values.get(r, c) * factor);
      }
    }
    Matrix weights = empty(arena, type, rows, cols);
    for (int r = 0; r < rows; r++) {
      WeightCodec.encodeRow(values, r, cols, type, weights.data(), r * weights.rowBytes());
    }
    return weights;
  }

  /** Random bits, but for the binary16 scales, which are finite and of both signs. */
  static Matrix randomBlocks(Arena arena, WeightType type, int rows, int cols, long seed) {
    Random random = new Random(seed);
    Matrix weights = empty(arena, type, rows, cols);
    byte[] block = new byte[type.bytesPerBlock()];
    for (long at = 0; at < weights.byteSize(); at += block.length) {
      random.nextBytes(block);
      MemorySegment.copy(block, 0, weights.data(), JAVA_BYTE, at, block.length);
      for (int scale : scales(type)) {
        float value = random.nextInt(9) == 0 ? 0 : (float) random.nextGaussian() * 1e-3f;
        weights.data().set(WeightCodec.SHORT, at + scale, Float.floatToFloat16(value));
      }
    }
    return weights;
  }

  /** Where a block has binary16 numbers. */
  private static int[] scales(WeightType type) {
    return switch (type) {
      case F32, F16, BF16 -> new int[0];
      case Q8_0, Q4_0, Q5_0, IQ4_NL, IQ4_XS -> new int[] {0};
      case Q4_1, Q5_1, Q4_K, Q5_K -> new int[] {0, 2};
      case Q2_K -> new int[] {80, 82};
      case Q3_K -> new int[] {108};
      case Q6_K -> new int[] {208};
      case TQ1_0 -> new int[] {52};
      case TQ2_0 -> new int[] {64};
    };
  }

  private static Matrix empty(Arena arena, WeightType type, int rows, int cols) {
    MemorySegment data = arena.allocate(type.rowBytes(cols) * rows + 2, 64).asSlice(2);
    return new Matrix(type, rows, cols, data);
  }

  /** The weights as they are stored, in float32. */
  static FloatTensor decoded(Arena arena, Matrix weights) {
    FloatTensor values = FloatTensor.allocate(arena, weights.rows(), weights.cols());
    for (int r = 0; r < weights.rows(); r++) {
      WeightCodec.decodeRow(weights, r, values, r);
    }
    return values;
  }

  /** Codes over their whole range, with scales around 0.02, some of them negative. */
  static CodedRows coded(Arena arena, CodedRowsTest.Kind kind, int rows, int cols, long seed) {
    byte[] bytes = new byte[(int) kind.codes().rowBytes(cols) * rows + CodedRows.SLACK];
    new Random(seed).nextBytes(bytes);
    MemorySegment codes = arena.allocate(bytes.length);
    MemorySegment.copy(bytes, 0, codes, JAVA_BYTE, 0, bytes.length);
    FloatTensor scales =
        decoded(arena, weights(arena, WeightType.F16, rows / kind.group(), cols, seed + 1));
    FloatTensor offsets =
        kind.affine()
            ? decoded(arena, weights(arena, WeightType.F16, rows / kind.group(), cols, seed + 2))
            : FloatTensor.allocate(arena, 1, cols);
    return new CodedRows(rows, cols, kind.group(), kind.codes(), codes, scales, offsets);
  }
}
