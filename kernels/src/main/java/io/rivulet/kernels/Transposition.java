package io.rivulet.kernels;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.stream.IntStream;

/**
 * Lays a down projection out by neurons, exactly as it is stored: codes and scales only move. On
 * all cores, a strip of columns each: a stored row is read from its start to its end, once, and
 * what is written is whole cache lines.
 */
final class Transposition {

  /** Columns of a strip. */
  private static final int STRIP = 64;

  private final Matrix matrix;
  private final BlockCodes blocks;
  private final CodedRows target;

  private Transposition(Matrix matrix, BlockCodes blocks, SegmentAllocator memory) {
    this.matrix = matrix;
    this.blocks = blocks;
    target = CodedRows.transposed(matrix, blocks, memory);
  }

  /**
   * The matrix by neurons.
   *
   * @param matrix width x neurons
   * @param blocks how to take its blocks apart
   * @param memory takes the result
   */
  static CodedRows of(Matrix matrix, BlockCodes blocks, SegmentAllocator memory) {
    Transposition transposition = new Transposition(matrix, blocks, memory);
    int strips = Math.ceilDiv(matrix.rows(), STRIP);
    IntStream.range(0, strips).parallel().forEach(transposition::strip);
    return transposition.target;
  }

  private void strip(int strip) {
    int from = strip * STRIP;
    int width = Math.min(STRIP, matrix.rows() - from);
    int stored = matrix.type().blockSize();
    int parts = stored / blocks.group();
    byte[] codes = new byte[stored];
    float[] scales = new float[parts];
    float[] offsets = new float[parts];
    byte[] tile = new byte[stored * STRIP];
    for (int b = 0; b < matrix.cols() / stored; b++) {
      for (int c = 0; c < width; c++) {
        long at = (from + c) * matrix.rowBytes() + (long) b * matrix.type().bytesPerBlock();
        blocks.reader().read(matrix.data(), at, codes, scales, offsets);
        for (int n = 0; n < stored; n++) {
          tile[n * STRIP + c] = codes[n];
        }
        for (int part = 0; part < parts; part++) {
          target.scales().set(b * parts + part, from + c, scales[part]);
          if (blocks.affine()) {
            target.offsets().set(b * parts + part, from + c, offsets[part]);
          }
        }
      }
      store(tile, b * stored, stored, from, width);
    }
  }

  private void store(byte[] tile, int row, int rows, int from, int width) {
    CodeType type = target.codeType();
    int padded = Math.ceilDiv(width, CodeType.STEP) * CodeType.STEP;
    int bytes = (int) type.bytesOf(padded);
    for (int n = 0; n < rows; n++) {
      type.pack(tile, n * STRIP, padded);
      long at = (row + n) * target.rowBytes() + type.bytesOf(from);
      MemorySegment.copy(tile, n * STRIP, target.codes(), JAVA_BYTE, at, bytes);
    }
  }
}
