package io.rivulet.kernels;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.stream.IntStream;

/** Lays rows out as {@link PackedMatrix} has them. On all cores, some rows each. */
final class Packing {

  static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private static final int ROWS = 64;
  private static final int HALF = LaneGroups.BLOCK / 2;

  /** The code of a Q4_0 weight that is zero. */
  static final int BIAS = 8;

  private Packing() {}

  static PackedMatrix pack(Matrix matrix, SegmentAllocator memory) {
    PackedMatrix packed = new PackedMatrix(matrix.type(), matrix.rows(), matrix.cols(), memory);
    IntStream.range(0, Math.ceilDiv(matrix.rows(), ROWS))
        .parallel()
        .forEach(part -> packRows(matrix, packed, part * ROWS));
    return packed;
  }

  private static void packRows(Matrix matrix, PackedMatrix packed, int first) {
    LaneGroups groups = packed.groups();
    byte[] codes = new byte[LaneGroups.GROUP];
    for (int row = first; row < Math.min(matrix.rows(), first + ROWS); row++) {
      long from = row * matrix.rowBytes();
      long scalesAt = row * packed.rowBytes();
      long codesAt = scalesAt + packed.codesAt();
      for (int group = 0; group < groups.count(); group++) {
        int blocks = groups.blocks(group);
        for (int block = 0; block < blocks; block++) {
          readBlock(matrix, from, codes, block);
          short scale = matrix.data().get(WeightCodec.SHORT, from);
          int share = Lanes.COUNT / blocks;
          for (int lane = block * share; lane < (block + 1) * share; lane++) {
            packed.data().set(WeightCodec.SHORT, scalesAt + 2L * lane, scale);
          }
          from += matrix.type().bytesPerBlock();
        }
        if (matrix.type() == WeightType.Q8_0) {
          writeBytes(codes, blocks, packed.data(), codesAt);
        } else {
          writeNibbles(codes, blocks, packed.data(), codesAt);
        }
        scalesAt += PackedMatrix.SCALES_BYTES;
        codesAt += packed.codeBytes(groups.pairs(group));
      }
    }
  }

  /** The codes of a stored block, in its order. */
  private static void readBlock(Matrix matrix, long at, byte[] codes, int block) {
    int to = block * LaneGroups.BLOCK;
    if (matrix.type() == WeightType.Q8_0) {
      MemorySegment.copy(matrix.data(), JAVA_BYTE, at + 2, codes, to, LaneGroups.BLOCK);
      return;
    }
    for (int i = 0; i < HALF; i++) {
      int both = matrix.data().get(JAVA_BYTE, at + 2 + i);
      codes[to + i] = (byte) (both & 15);
      codes[to + i + HALF] = (byte) (both >> 4 & 15);
    }
  }

  private static void writeBytes(byte[] codes, int blocks, MemorySegment out, long at) {
    int lane = 0;
    for (int i = 0; i < blocks * LaneGroups.BLOCK; i += 2 * blocks) {
      for (int pair = 0; pair < blocks; pair++) {
        int first = i + 2 * pair;
        int both = (codes[first] & 0xff) | (codes[first + 1] << Byte.SIZE);
        out.set(WeightCodec.SHORT, at + 2L * (pair * Lanes.COUNT + lane), (short) both);
      }
      lane++;
    }
  }

  private static void writeNibbles(byte[] codes, int blocks, MemorySegment out, long at) {
    int lane = 0;
    for (int i = 0; i < blocks * LaneGroups.BLOCK; i += 2 * blocks) {
      for (int word = 0; word * PackedMatrix.PAIRS_PER_WORD < blocks; word++) {
        int first = i + 2 * PackedMatrix.PAIRS_PER_WORD * word;
        int bits = 0;
        for (int pair = 0; pair < Math.min(PackedMatrix.PAIRS_PER_WORD, blocks); pair++) {
          int both = codes[first + 2 * pair] | (codes[first + 2 * pair + 1] << Short.SIZE);
          bits |= both << (4 * pair);
        }
        out.set(INT, at + 4L * (word * Lanes.COUNT + lane), bits);
      }
      lane++;
    }
  }
}
