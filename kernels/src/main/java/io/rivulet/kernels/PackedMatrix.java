package io.rivulet.kernels;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;

/**
 * Quantised weights laid out for products with activations in int8: the codes and scales of the
 * file, moved, nothing rounded. A row has its scales, 16 in binary16 for each of {@link
 * LaneGroups}, then its codes, both from a 64-byte boundary on.
 *
 * <p>Q8_0: a code is a byte, pair after pair. Q4_0: a code is half a byte, 8 more than its value;
 * 32 bits hold four pairs of a lane, pair p in the four bits from 4p on and those 16 further up.
 */
public final class PackedMatrix implements WeightMatrix {

  /** Bytes of a group's scales. */
  static final int SCALES_BYTES = Lanes.COUNT * Short.BYTES;

  /** Pairs of one lane in 32 bits of Q4_0. */
  static final int PAIRS_PER_WORD = 4;

  private final WeightType type;
  private final int rows;
  private final int cols;
  private final LaneGroups groups;
  private final long codesAt;
  private final long rowBytes;
  private final MemorySegment data;

  PackedMatrix(WeightType type, int rows, int cols, SegmentAllocator memory) {
    if (!serves(type)) {
      throw new IllegalArgumentException("weights of type " + type + " are not packed");
    }
    this.type = type;
    this.rows = rows;
    this.cols = cols;
    groups = LaneGroups.of(cols);
    codesAt = codesAt(groups);
    rowBytes = rowBytes(type, groups);
    data = memory.allocate(Math.multiplyExact(rowBytes, rows), FloatTensor.ALIGNMENT);
  }

  /**
   * What {@link #of} made in this memory before, found again: after it was kept in a file.
   *
   * @param matrix as it was then; only its type and shape count
   * @param memory gives the memory that was filled
   */
  public static PackedMatrix found(Matrix matrix, SegmentAllocator memory) {
    return new PackedMatrix(matrix.type(), matrix.rows(), matrix.cols(), memory);
  }

  /** Whether weights of a type can be packed. */
  public static boolean serves(WeightType type) {
    return type == WeightType.Q8_0 || type == WeightType.Q4_0;
  }

  /**
   * A matrix, packed. Works on all cores.
   *
   * @param matrix of a type that is served
   * @param memory takes the result, open to all threads
   */
  public static PackedMatrix of(Matrix matrix, SegmentAllocator memory) {
    return Packing.pack(matrix, memory);
  }

  /** The bytes that a matrix of a served type takes when it is packed. */
  public static long bytesOf(Matrix matrix) {
    return Math.multiplyExact(rowBytes(matrix.type(), LaneGroups.of(matrix.cols())), matrix.rows());
  }

  private static long rowBytes(WeightType type, LaneGroups groups) {
    return aligned(codesAt(groups) + codeBytes(type, groups.allPairs()));
  }

  private static long codesAt(LaneGroups groups) {
    return aligned((long) groups.count() * SCALES_BYTES);
  }

  private static long codeBytes(WeightType type, int pairs) {
    return type == WeightType.Q8_0
        ? 2L * Lanes.COUNT * pairs
        : 4L * Lanes.COUNT * (pairs / PAIRS_PER_WORD);
  }

  private static long aligned(long bytes) {
    return (bytes + FloatTensor.ALIGNMENT - 1) & -FloatTensor.ALIGNMENT;
  }

  @Override
  public WeightType type() {
    return type;
  }

  @Override
  public int rows() {
    return rows;
  }

  @Override
  public int cols() {
    return cols;
  }

  @Override
  public long byteSize() {
    return data.byteSize();
  }

  @Override
  public MemorySegment rowMemory() {
    return data;
  }

  LaneGroups groups() {
    return groups;
  }

  MemorySegment data() {
    return data;
  }

  /** Bytes from one row to the next. */
  long rowBytes() {
    return rowBytes;
  }

  /** Bytes from the start of a row to its codes. */
  long codesAt() {
    return codesAt;
  }

  /** Bytes of the codes of a group in which each lane has so many pairs. */
  long codeBytes(int pairs) {
    return codeBytes(type, pairs);
  }
}
