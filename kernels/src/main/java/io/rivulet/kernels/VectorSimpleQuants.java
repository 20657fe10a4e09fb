package io.rivulet.kernels;

import static io.rivulet.kernels.Float16Values.VALUES;
import static io.rivulet.kernels.SimpleQuants.HALF;
import static io.rivulet.kernels.SimpleQuants.INT;
import static io.rivulet.kernels.SimpleQuants.SIZE;
import static io.rivulet.kernels.VectorWidth.BYTES;
import static io.rivulet.kernels.VectorWidth.FLOATS;
import static io.rivulet.kernels.VectorWidth.INTS;
import static io.rivulet.kernels.VectorWidth.LENGTH;
import static io.rivulet.kernels.WeightCodec.SHORT;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.VectorOperators.B2F;
import static jdk.incubator.vector.VectorOperators.B2I;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHR;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * {@link SimpleQuants} by vectors, to the same bits. Loads may reach {@link VectorWidth#OVERREACH}
 * bytes past a block. Flat on purpose, as all of the vector code.
 */
final class VectorSimpleQuants {

  private VectorSimpleQuants() {}

  static void decodeQ8(MemorySegment data, long at, int blocks, MemorySegment out, long outAt) {
    for (int b = 0; b < blocks; b++) {
      long block = at + (long) b * WeightType.Q8_0.bytesPerBlock();
      long y = outAt + 4L * SIZE * b;
      FloatVector d = FloatVector.broadcast(FLOATS, VALUES[data.get(SHORT, block) & 0xffff]);
      for (int lane = 0; lane < SIZE; lane += LENGTH) {
        ((FloatVector)
                ByteVector.fromMemorySegment(BYTES, data, block + 2 + lane, LITTLE_ENDIAN)
                    .convertShape(B2F, FLOATS, 0))
            .mul(d)
            .intoMemorySegment(out, y + 4L * lane, LITTLE_ENDIAN);
      }
    }
  }

  static void decodeQ40(MemorySegment data, long at, int blocks, MemorySegment out, long outAt) {
    for (int b = 0; b < blocks; b++) {
      long block = at + (long) b * WeightType.Q4_0.bytesPerBlock();
      long y = outAt + 4L * SIZE * b;
      FloatVector d = FloatVector.broadcast(FLOATS, VALUES[data.get(SHORT, block) & 0xffff]);
      for (int lane = 0; lane < HALF; lane += LENGTH) {
        IntVector q =
            (IntVector)
                ByteVector.fromMemorySegment(BYTES, data, block + 2 + lane, LITTLE_ENDIAN)
                    .convertShape(B2I, INTS, 0);
        ((FloatVector) q.and(15).sub(8).convertShape(I2F, FLOATS, 0))
            .mul(d)
            .intoMemorySegment(out, y + 4L * lane, LITTLE_ENDIAN);
        ((FloatVector) q.lanewise(LSHR, 4).and(15).sub(8).convertShape(I2F, FLOATS, 0))
            .mul(d)
            .intoMemorySegment(out, y + 4L * (lane + HALF), LITTLE_ENDIAN);
      }
    }
  }

  static void decodeQ41(MemorySegment data, long at, int blocks, MemorySegment out, long outAt) {
    for (int b = 0; b < blocks; b++) {
      long block = at + (long) b * WeightType.Q4_1.bytesPerBlock();
      long y = outAt + 4L * SIZE * b;
      FloatVector d = FloatVector.broadcast(FLOATS, VALUES[data.get(SHORT, block) & 0xffff]);
      FloatVector m = FloatVector.broadcast(FLOATS, VALUES[data.get(SHORT, block + 2) & 0xffff]);
      for (int lane = 0; lane < HALF; lane += LENGTH) {
        IntVector q =
            (IntVector)
                ByteVector.fromMemorySegment(BYTES, data, block + 4 + lane, LITTLE_ENDIAN)
                    .convertShape(B2I, INTS, 0);
        ((FloatVector) q.and(15).convertShape(I2F, FLOATS, 0))
            .fma(d, m)
            .intoMemorySegment(out, y + 4L * lane, LITTLE_ENDIAN);
        ((FloatVector) q.lanewise(LSHR, 4).and(15).convertShape(I2F, FLOATS, 0))
            .fma(d, m)
            .intoMemorySegment(out, y + 4L * (lane + HALF), LITTLE_ENDIAN);
      }
    }
  }

  /** A fifth bit is shifted to each lane by the lane's number. */
  static void decodeQ50(MemorySegment data, long at, int blocks, MemorySegment out, long outAt) {
    IntVector iota = IntVector.broadcast(INTS, 0).addIndex(1);
    for (int b = 0; b < blocks; b++) {
      long block = at + (long) b * WeightType.Q5_0.bytesPerBlock();
      long y = outAt + 4L * SIZE * b;
      FloatVector d = FloatVector.broadcast(FLOATS, VALUES[data.get(SHORT, block) & 0xffff]);
      int fifth = data.get(INT, block + 2);
      for (int lane = 0; lane < HALF; lane += LENGTH) {
        IntVector q =
            (IntVector)
                ByteVector.fromMemorySegment(BYTES, data, block + 6 + lane, LITTLE_ENDIAN)
                    .convertShape(B2I, INTS, 0);
        IntVector low = IntVector.broadcast(INTS, fifth >>> lane << 4).lanewise(LSHR, iota);
        IntVector high =
            IntVector.broadcast(INTS, fifth >>> (HALF + lane) << 4).lanewise(LSHR, iota);
        ((FloatVector) q.and(15).or(low.and(16)).sub(16).convertShape(I2F, FLOATS, 0))
            .mul(d)
            .intoMemorySegment(out, y + 4L * lane, LITTLE_ENDIAN);
        ((FloatVector)
                q.lanewise(LSHR, 4).and(15).or(high.and(16)).sub(16).convertShape(I2F, FLOATS, 0))
            .mul(d)
            .intoMemorySegment(out, y + 4L * (lane + HALF), LITTLE_ENDIAN);
      }
    }
  }

  static void decodeQ51(MemorySegment data, long at, int blocks, MemorySegment out, long outAt) {
    IntVector iota = IntVector.broadcast(INTS, 0).addIndex(1);
    for (int b = 0; b < blocks; b++) {
      long block = at + (long) b * WeightType.Q5_1.bytesPerBlock();
      long y = outAt + 4L * SIZE * b;
      FloatVector d = FloatVector.broadcast(FLOATS, VALUES[data.get(SHORT, block) & 0xffff]);
      FloatVector m = FloatVector.broadcast(FLOATS, VALUES[data.get(SHORT, block + 2) & 0xffff]);
      int fifth = data.get(INT, block + 4);
      for (int lane = 0; lane < HALF; lane += LENGTH) {
        IntVector q =
            (IntVector)
                ByteVector.fromMemorySegment(BYTES, data, block + 8 + lane, LITTLE_ENDIAN)
                    .convertShape(B2I, INTS, 0);
        IntVector low = IntVector.broadcast(INTS, fifth >>> lane << 4).lanewise(LSHR, iota);
        IntVector high =
            IntVector.broadcast(INTS, fifth >>> (HALF + lane) << 4).lanewise(LSHR, iota);
        ((FloatVector) q.and(15).or(low.and(16)).convertShape(I2F, FLOATS, 0))
            .fma(d, m)
            .intoMemorySegment(out, y + 4L * lane, LITTLE_ENDIAN);
        ((FloatVector) q.lanewise(LSHR, 4).and(15).or(high.and(16)).convertShape(I2F, FLOATS, 0))
            .fma(d, m)
            .intoMemorySegment(out, y + 4L * (lane + HALF), LITTLE_ENDIAN);
      }
    }
  }
}
