package io.rivulet.kernels;

import static io.rivulet.kernels.Float16Values.VALUES;
import static io.rivulet.kernels.TernaryQuants.SIZE;
import static io.rivulet.kernels.VectorWidth.BYTES;
import static io.rivulet.kernels.VectorWidth.FLOATS;
import static io.rivulet.kernels.VectorWidth.INTS;
import static io.rivulet.kernels.VectorWidth.LENGTH;
import static io.rivulet.kernels.WeightCodec.SHORT;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.VectorOperators.B2I;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHR;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * {@link TernaryQuants} by vectors, to the same bits. Flat on purpose, as all of the vector code.
 */
final class VectorTernaryQuants {

  private VectorTernaryQuants() {}

  static void decodeTq1(MemorySegment data, long at, int blocks, MemorySegment out, long outAt) {
    for (int b = 0; b < blocks; b++) {
      long block = at + (long) b * WeightType.TQ1_0.bytesPerBlock();
      long y = outAt + 4L * SIZE * b;
      float d = VALUES[data.get(SHORT, block + 52) & 0xffff];
      FloatVector scale = FloatVector.broadcast(FLOATS, d);
      for (int j = 0; j < 48; j += LENGTH) {
        IntVector fraction =
            (IntVector)
                ByteVector.fromMemorySegment(BYTES, data, block + j, LITTLE_ENDIAN)
                    .convertShape(B2I, INTS, 0);
        int digits = j < 32 ? 32 : 16;
        long at0 = y + (j < 32 ? 4L * j : 4L * (j + 128));
        for (int digit = 0; digit < 5; digit++) {
          IntVector times3 = fraction.and(0xff).mul(3);
          ((FloatVector) times3.lanewise(LSHR, 8).sub(1).convertShape(I2F, FLOATS, 0))
              .mul(scale)
              .intoMemorySegment(out, at0 + 4L * digits * digit, LITTLE_ENDIAN);
          fraction = times3;
        }
      }
      TernaryQuants.decodeDigits(d, data, block + 48, 4, 4, out, y + 4 * 240);
    }
  }

  static void decodeTq2(MemorySegment data, long at, int blocks, MemorySegment out, long outAt) {
    for (int b = 0; b < blocks; b++) {
      long block = at + (long) b * WeightType.TQ2_0.bytesPerBlock();
      FloatVector d = FloatVector.broadcast(FLOATS, VALUES[data.get(SHORT, block + 64) & 0xffff]);
      for (int j = 0; j < 64; j += LENGTH) {
        IntVector v =
            (IntVector)
                ByteVector.fromMemorySegment(BYTES, data, block + j, LITTLE_ENDIAN)
                    .convertShape(B2I, INTS, 0);
        long y = outAt + 4L * (SIZE * b + j / 32 * 128 + j % 32);
        ((FloatVector) v.and(3).sub(1).convertShape(I2F, FLOATS, 0))
            .mul(d)
            .intoMemorySegment(out, y, LITTLE_ENDIAN);
        ((FloatVector) v.lanewise(LSHR, 2).and(3).sub(1).convertShape(I2F, FLOATS, 0))
            .mul(d)
            .intoMemorySegment(out, y + 4 * 32, LITTLE_ENDIAN);
        ((FloatVector) v.lanewise(LSHR, 4).and(3).sub(1).convertShape(I2F, FLOATS, 0))
            .mul(d)
            .intoMemorySegment(out, y + 4 * 64, LITTLE_ENDIAN);
        ((FloatVector) v.lanewise(LSHR, 6).and(3).sub(1).convertShape(I2F, FLOATS, 0))
            .mul(d)
            .intoMemorySegment(out, y + 4 * 96, LITTLE_ENDIAN);
      }
    }
  }
}
