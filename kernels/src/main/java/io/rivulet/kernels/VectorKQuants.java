package io.rivulet.kernels;

import static io.rivulet.kernels.Float16Values.VALUES;
import static io.rivulet.kernels.KQuants.SIZE;
import static io.rivulet.kernels.VectorWidth.BYTES;
import static io.rivulet.kernels.VectorWidth.FLOATS;
import static io.rivulet.kernels.VectorWidth.INTS;
import static io.rivulet.kernels.VectorWidth.LENGTH;
import static io.rivulet.kernels.WeightCodec.SHORT;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.VectorOperators.B2I;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * {@link KQuants} by vectors, to the same bits: products are exact, so that fused and separate
 * rounding are one. Loads may reach {@link VectorWidth#OVERREACH} bytes past a block. Flat on
 * purpose, as all of the vector code.
 */
final class VectorKQuants {

  private VectorKQuants() {}

  static void decodeQ2(MemorySegment data, long at, int blocks, MemorySegment out, long outAt) {
    for (int b = 0; b < blocks; b++) {
      long block = at + (long) b * WeightType.Q2_K.bytesPerBlock();
      float d = VALUES[data.get(SHORT, block + 80) & 0xffff];
      float dmin = -VALUES[data.get(SHORT, block + 82) & 0xffff];
      for (int half = 0; half < 4; half++) {
        // The 16 bytes of a half hold groups half, half + 2, half + 4 and half + 6 of their eight.
        long q = block + 16 + 16L * half;
        int first = half / 2 * 8 + half % 2;
        int p0 = data.get(JAVA_BYTE, block + first);
        int p1 = data.get(JAVA_BYTE, block + first + 2);
        int p2 = data.get(JAVA_BYTE, block + first + 4);
        int p3 = data.get(JAVA_BYTE, block + first + 6);
        FloatVector d0 = FloatVector.broadcast(FLOATS, d * (p0 & 15));
        FloatVector d1 = FloatVector.broadcast(FLOATS, d * (p1 & 15));
        FloatVector d2 = FloatVector.broadcast(FLOATS, d * (p2 & 15));
        FloatVector d3 = FloatVector.broadcast(FLOATS, d * (p3 & 15));
        FloatVector m0 = FloatVector.broadcast(FLOATS, dmin * (p0 >> 4 & 15));
        FloatVector m1 = FloatVector.broadcast(FLOATS, dmin * (p1 >> 4 & 15));
        FloatVector m2 = FloatVector.broadcast(FLOATS, dmin * (p2 >> 4 & 15));
        FloatVector m3 = FloatVector.broadcast(FLOATS, dmin * (p3 >> 4 & 15));
        long y = outAt + 4L * (SIZE * b + 16 * first);
        for (int lane = 0; lane < 16; lane += LENGTH) {
          IntVector v =
              (IntVector)
                  ByteVector.fromMemorySegment(BYTES, data, q + lane, LITTLE_ENDIAN)
                      .convertShape(B2I, INTS, 0);
          ((FloatVector) v.and(3).convertShape(I2F, FLOATS, 0))
              .fma(d0, m0)
              .intoMemorySegment(out, y + 4L * lane, LITTLE_ENDIAN);
          ((FloatVector) v.lanewise(LSHR, 2).and(3).convertShape(I2F, FLOATS, 0))
              .fma(d1, m1)
              .intoMemorySegment(out, y + 4L * (lane + 32), LITTLE_ENDIAN);
          ((FloatVector) v.lanewise(LSHR, 4).and(3).convertShape(I2F, FLOATS, 0))
              .fma(d2, m2)
              .intoMemorySegment(out, y + 4L * (lane + 64), LITTLE_ENDIAN);
          ((FloatVector) v.lanewise(LSHR, 6).and(3).convertShape(I2F, FLOATS, 0))
              .fma(d3, m3)
              .intoMemorySegment(out, y + 4L * (lane + 96), LITTLE_ENDIAN);
        }
      }
    }
  }

  static void decodeQ3(MemorySegment data, long at, int blocks, MemorySegment out, long outAt) {
    for (int b = 0; b < blocks; b++) {
      long block = at + (long) b * WeightType.Q3_K.bytesPerBlock();
      float d = VALUES[data.get(SHORT, block + 108) & 0xffff];
      for (int half = 0; half < 4; half++) {
        // As in Q2_K; third bits are in the same 16 bytes for both halves of the block.
        long q = block + 32 + 16L * half;
        long thirds = block + half % 2 * 16L;
        int part = half / 2 * 4;
        long scales = KQuants.q3Scales(data, block + 96, part) >> (half % 2 * 8);
        FloatVector d0 = FloatVector.broadcast(FLOATS, d * ((scales & 63) - 32));
        FloatVector d1 = FloatVector.broadcast(FLOATS, d * ((scales >> 16 & 63) - 32));
        FloatVector d2 = FloatVector.broadcast(FLOATS, d * ((scales >> 32 & 63) - 32));
        FloatVector d3 = FloatVector.broadcast(FLOATS, d * ((scales >> 48 & 63) - 32));
        long y = outAt + 4L * (SIZE * b + 32 * part + half % 2 * 16);
        for (int lane = 0; lane < 16; lane += LENGTH) {
          IntVector v =
              (IntVector)
                  ByteVector.fromMemorySegment(BYTES, data, q + lane, LITTLE_ENDIAN)
                      .convertShape(B2I, INTS, 0);
          IntVector h =
              ((IntVector)
                      ByteVector.fromMemorySegment(BYTES, data, thirds + lane, LITTLE_ENDIAN)
                          .convertShape(B2I, INTS, 0))
                  .lanewise(LSHR, part);
          IntVector q0 = v.and(3).or(h.lanewise(LSHL, 2).and(4)).sub(4);
          ((FloatVector) q0.convertShape(I2F, FLOATS, 0))
              .mul(d0)
              .intoMemorySegment(out, y + 4L * lane, LITTLE_ENDIAN);
          IntVector q1 = v.lanewise(LSHR, 2).and(3).or(h.lanewise(LSHL, 1).and(4)).sub(4);
          ((FloatVector) q1.convertShape(I2F, FLOATS, 0))
              .mul(d1)
              .intoMemorySegment(out, y + 4L * (lane + 32), LITTLE_ENDIAN);
          IntVector q2 = v.lanewise(LSHR, 4).and(3).or(h.and(4)).sub(4);
          ((FloatVector) q2.convertShape(I2F, FLOATS, 0))
              .mul(d2)
              .intoMemorySegment(out, y + 4L * (lane + 64), LITTLE_ENDIAN);
          IntVector q3 = v.lanewise(LSHR, 6).and(3).or(h.lanewise(LSHR, 1).and(4)).sub(4);
          ((FloatVector) q3.convertShape(I2F, FLOATS, 0))
              .mul(d3)
              .intoMemorySegment(out, y + 4L * (lane + 96), LITTLE_ENDIAN);
        }
      }
    }
  }

  static void decodeQ4(MemorySegment data, long at, int blocks, MemorySegment out, long outAt) {
    for (int b = 0; b < blocks; b++) {
      long block = at + (long) b * WeightType.Q4_K.bytesPerBlock();
      float d = VALUES[data.get(SHORT, block) & 0xffff];
      float dmin = -VALUES[data.get(SHORT, block + 2) & 0xffff];
      long scales = KQuants.scales(data, block + 4);
      long minima = KQuants.minima(data, block + 4);
      for (int pair = 0; pair < 4; pair++) {
        FloatVector d0 = FloatVector.broadcast(FLOATS, d * (int) (scales >> (16 * pair) & 63));
        FloatVector d1 = FloatVector.broadcast(FLOATS, d * (int) (scales >> (16 * pair + 8) & 63));
        FloatVector m0 = FloatVector.broadcast(FLOATS, dmin * (int) (minima >> (16 * pair) & 63));
        FloatVector m1 =
            FloatVector.broadcast(FLOATS, dmin * (int) (minima >> (16 * pair + 8) & 63));
        long q = block + 16 + 32L * pair;
        long y = outAt + 4L * (SIZE * b + 64 * pair);
        for (int l = 0; l < 32; l += LENGTH) {
          IntVector v =
              (IntVector)
                  ByteVector.fromMemorySegment(BYTES, data, q + l, LITTLE_ENDIAN)
                      .convertShape(B2I, INTS, 0);
          ((FloatVector) v.and(15).convertShape(I2F, FLOATS, 0))
              .fma(d0, m0)
              .intoMemorySegment(out, y + 4L * l, LITTLE_ENDIAN);
          ((FloatVector) v.lanewise(LSHR, 4).and(15).convertShape(I2F, FLOATS, 0))
              .fma(d1, m1)
              .intoMemorySegment(out, y + 4L * (l + 32), LITTLE_ENDIAN);
        }
      }
    }
  }

  static void decodeQ5(MemorySegment data, long at, int blocks, MemorySegment out, long outAt) {
    for (int b = 0; b < blocks; b++) {
      long block = at + (long) b * WeightType.Q5_K.bytesPerBlock();
      float d = VALUES[data.get(SHORT, block) & 0xffff];
      float dmin = -VALUES[data.get(SHORT, block + 2) & 0xffff];
      long scales = KQuants.scales(data, block + 4);
      long minima = KQuants.minima(data, block + 4);
      for (int pair = 0; pair < 4; pair++) {
        FloatVector d0 = FloatVector.broadcast(FLOATS, d * (int) (scales >> (16 * pair) & 63));
        FloatVector d1 = FloatVector.broadcast(FLOATS, d * (int) (scales >> (16 * pair + 8) & 63));
        FloatVector m0 = FloatVector.broadcast(FLOATS, dmin * (int) (minima >> (16 * pair) & 63));
        FloatVector m1 =
            FloatVector.broadcast(FLOATS, dmin * (int) (minima >> (16 * pair + 8) & 63));
        long q = block + 48 + 32L * pair;
        long y = outAt + 4L * (SIZE * b + 64 * pair);
        for (int l = 0; l < 32; l += LENGTH) {
          IntVector v =
              (IntVector)
                  ByteVector.fromMemorySegment(BYTES, data, q + l, LITTLE_ENDIAN)
                      .convertShape(B2I, INTS, 0);
          IntVector h =
              ((IntVector)
                      ByteVector.fromMemorySegment(BYTES, data, block + 16 + l, LITTLE_ENDIAN)
                          .convertShape(B2I, INTS, 0))
                  .lanewise(LSHR, 2 * pair);
          IntVector q0 = v.and(15).or(h.lanewise(LSHL, 4).and(16));
          ((FloatVector) q0.convertShape(I2F, FLOATS, 0))
              .fma(d0, m0)
              .intoMemorySegment(out, y + 4L * l, LITTLE_ENDIAN);
          IntVector q1 = v.lanewise(LSHR, 4).and(15).or(h.lanewise(LSHL, 3).and(16));
          ((FloatVector) q1.convertShape(I2F, FLOATS, 0))
              .fma(d1, m1)
              .intoMemorySegment(out, y + 4L * (l + 32), LITTLE_ENDIAN);
        }
      }
    }
  }

  static void decodeQ6(MemorySegment data, long at, int blocks, MemorySegment out, long outAt) {
    for (int b = 0; b < blocks; b++) {
      long block = at + (long) b * WeightType.Q6_K.bytesPerBlock();
      float d = VALUES[data.get(SHORT, block + 208) & 0xffff];
      for (int half = 0; half < 4; half++) {
        // Groups half, half + 2, half + 4 and half + 6 of eight share 16 bytes of upper bits.
        long low = block + half / 2 * 64L + half % 2 * 16L;
        long high = block + 128 + 16L * half;
        int first = half / 2 * 8 + half % 2;
        long scale = block + 192 + first;
        FloatVector d0 = FloatVector.broadcast(FLOATS, d * data.get(JAVA_BYTE, scale));
        FloatVector d1 = FloatVector.broadcast(FLOATS, d * data.get(JAVA_BYTE, scale + 2));
        FloatVector d2 = FloatVector.broadcast(FLOATS, d * data.get(JAVA_BYTE, scale + 4));
        FloatVector d3 = FloatVector.broadcast(FLOATS, d * data.get(JAVA_BYTE, scale + 6));
        long y = outAt + 4L * (SIZE * b + 16 * first);
        for (int lane = 0; lane < 16; lane += LENGTH) {
          IntVector v =
              (IntVector)
                  ByteVector.fromMemorySegment(BYTES, data, low + lane, LITTLE_ENDIAN)
                      .convertShape(B2I, INTS, 0);
          IntVector u =
              (IntVector)
                  ByteVector.fromMemorySegment(BYTES, data, low + 32 + lane, LITTLE_ENDIAN)
                      .convertShape(B2I, INTS, 0);
          IntVector h =
              (IntVector)
                  ByteVector.fromMemorySegment(BYTES, data, high + lane, LITTLE_ENDIAN)
                      .convertShape(B2I, INTS, 0);
          IntVector q0 = v.and(15).or(h.lanewise(LSHL, 4).and(48)).sub(32);
          ((FloatVector) q0.convertShape(I2F, FLOATS, 0))
              .mul(d0)
              .intoMemorySegment(out, y + 4L * lane, LITTLE_ENDIAN);
          IntVector q1 = u.and(15).or(h.lanewise(LSHL, 2).and(48)).sub(32);
          ((FloatVector) q1.convertShape(I2F, FLOATS, 0))
              .mul(d1)
              .intoMemorySegment(out, y + 4L * (lane + 32), LITTLE_ENDIAN);
          IntVector q2 = v.lanewise(LSHR, 4).and(15).or(h.and(48)).sub(32);
          ((FloatVector) q2.convertShape(I2F, FLOATS, 0))
              .mul(d2)
              .intoMemorySegment(out, y + 4L * (lane + 64), LITTLE_ENDIAN);
          IntVector q3 = u.lanewise(LSHR, 4).and(15).or(h.lanewise(LSHR, 2).and(48)).sub(32);
          ((FloatVector) q3.convertShape(I2F, FLOATS, 0))
              .mul(d3)
              .intoMemorySegment(out, y + 4L * (lane + 96), LITTLE_ENDIAN);
        }
      }
    }
  }
}
