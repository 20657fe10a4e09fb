package io.rivulet.kernels;

import static io.rivulet.kernels.VectorWidth.FLOATS;
import static io.rivulet.kernels.VectorWidth.INTS;
import static io.rivulet.kernels.VectorWidth.LENGTH;
import static io.rivulet.kernels.VectorWidth.SHORTS;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.S2I;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/**
 * Codes of packed weights to floats, without their scales, in the order of {@link
 * ActivationCodes#values}: of a pair first all lanes' first, then all lanes' second.
 */
final class VectorPackedDecoder {

  private VectorPackedDecoder() {}

  /** So many pairs of each lane. */
  static void decode(
      WeightType type, MemorySegment data, long at, int pairs, MemorySegment out, long outAt) {
    if (type == WeightType.Q8_0) {
      decodeBytes(data, at, pairs, out, outAt);
    } else {
      decodeNibbles(data, at, pairs, out, outAt);
    }
  }

  private static void decodeBytes(
      MemorySegment data, long at, int pairs, MemorySegment out, long outAt) {
    for (int lane = 0; lane < Lanes.COUNT; lane += LENGTH) {
      for (int pair = 0; pair < pairs; pair++) {
        long from = at + 32L * pair + 2L * lane;
        long to = outAt + 128L * pair + 4L * lane;
        IntVector both =
            (IntVector)
                ShortVector.fromMemorySegment(SHORTS, data, from, LITTLE_ENDIAN)
                    .convertShape(S2I, INTS, 0);
        ((FloatVector) both.lanewise(LSHL, 24).lanewise(ASHR, 24).convertShape(I2F, FLOATS, 0))
            .intoMemorySegment(out, to, LITTLE_ENDIAN);
        ((FloatVector) both.lanewise(ASHR, 8).convertShape(I2F, FLOATS, 0))
            .intoMemorySegment(out, to + 64, LITTLE_ENDIAN);
      }
    }
  }

  private static void decodeNibbles(
      MemorySegment data, long at, int pairs, MemorySegment out, long outAt) {
    for (int lane = 0; lane < Lanes.COUNT; lane += LENGTH) {
      for (int pair = 0; pair < pairs; pair++) {
        long from = at + 64L * (pair / PackedMatrix.PAIRS_PER_WORD) + 4L * lane;
        long to = outAt + 128L * pair + 4L * lane;
        int shift = pair % PackedMatrix.PAIRS_PER_WORD * 4;
        IntVector bits = IntVector.fromMemorySegment(INTS, data, from, LITTLE_ENDIAN);
        ((FloatVector)
                bits.lanewise(LSHR, shift).and(15).sub(Packing.BIAS).convertShape(I2F, FLOATS, 0))
            .intoMemorySegment(out, to, LITTLE_ENDIAN);
        ((FloatVector)
                bits.lanewise(LSHR, shift + 16)
                    .and(15)
                    .sub(Packing.BIAS)
                    .convertShape(I2F, FLOATS, 0))
            .intoMemorySegment(out, to + 64, LITTLE_ENDIAN);
      }
    }
  }
}
