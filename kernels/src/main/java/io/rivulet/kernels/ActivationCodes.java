package io.rivulet.kernels;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Activations in int8, a row a token, with a scale for every 32: what {@link PackedMatrix} is
 * multiplied by. Blocks are dealt to lanes as those of the weights are, see {@link LaneGroups}.
 * Filled by {@link Kernels#quantize}.
 */
public final class ActivationCodes {

  /** Bytes of a pair of 16-bit codes for each lane. */
  static final int PAIR_BYTES = Lanes.COUNT * 2 * Short.BYTES;

  private final int rows;
  private final int cols;
  private final LaneGroups groups;
  private final MemorySegment codes;
  private final FloatTensor values;
  private final FloatTensor scales;
  private final FloatTensor sums;

  private ActivationCodes(Arena arena, int rows, int cols) {
    this.rows = rows;
    this.cols = cols;
    groups = LaneGroups.of(cols);
    codes = arena.allocate((long) rows * rowBytes(), FloatTensor.ALIGNMENT);
    values = FloatTensor.allocate(arena, rows, groups.allPairs() * 2 * Lanes.COUNT);
    scales = FloatTensor.allocate(arena, rows, groups.count() * Lanes.COUNT);
    sums = FloatTensor.allocate(arena, rows, groups.count() * Lanes.COUNT);
  }

  /**
   * Room for so many rows that lives as long as the arena.
   *
   * @param cols a multiple of 32
   */
  public static ActivationCodes allocate(Arena arena, int rows, int cols) {
    if (cols < 1 || cols % LaneGroups.BLOCK != 0) {
      throw new IllegalArgumentException("int8 activations need whole blocks of 32, was " + cols);
    }
    return new ActivationCodes(arena, rows, cols);
  }

  /** Tokens. */
  public int rows() {
    return rows;
  }

  /** Activations of a token. */
  public int cols() {
    return cols;
  }

  LaneGroups groups() {
    return groups;
  }

  private long rowBytes() {
    return (long) groups.allPairs() * PAIR_BYTES;
  }

  /** Codes in 16 bits: a pair of the first lane, of the second, ..., then the next pairs. */
  MemorySegment codes() {
    return codes;
  }

  /** Where a row's codes begin. */
  long codesAt(int row) {
    return row * rowBytes();
  }

  /** Codes as floats: of a pair first all lanes' first, then all lanes' second. */
  FloatTensor values() {
    return values;
  }

  /** What each lane's codes of a group are multiplied by. */
  FloatTensor scales() {
    return scales;
  }

  /** The sum of each lane's codes of a group. */
  FloatTensor sums() {
    return sums;
  }
}
