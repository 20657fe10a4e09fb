package io.rivulet.kernels;

import static io.rivulet.kernels.VectorWidth.FLOATS;
import static io.rivulet.kernels.VectorWidth.INTS;
import static io.rivulet.kernels.VectorWidth.LENGTH;
import static io.rivulet.kernels.VectorWidth.SHORTS;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.S2I;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/**
 * The scales of packed weights, by vectors. A scale's binary16 becomes a float from its significand
 * as a whole number, since a subnormal float would cost a trap to microcode.
 */
final class VectorPackedScales {

  private VectorPackedScales() {}

  /**
   * Adds a row's products of codes to its sums, times the scales of both.
   *
   * @param scalesAt where the weights' scales of the group are
   * @param xScalesAt where those of the activations are
   * @param at where the row's lanes are in both arrays
   */
  static void add(
      MemorySegment weights,
      long scalesAt,
      MemorySegment xScales,
      long xScalesAt,
      float[] products,
      float[] sums,
      int at) {
    for (int lane = 0; lane < Lanes.COUNT; lane += LENGTH) {
      IntVector bits =
          (IntVector)
              ShortVector.fromMemorySegment(SHORTS, weights, scalesAt + 2L * lane, LITTLE_ENDIAN)
                  .convertShape(S2I, INTS, 0);
      IntVector exponent = bits.lanewise(ASHR, 10).and(31);
      IntVector significand = bits.and(1023).add(exponent.min(1).lanewise(LSHL, 10));
      FloatVector power =
          exponent
              .max(1)
              .add(102)
              .lanewise(LSHL, 23)
              .or(bits.and(Integer.MIN_VALUE))
              .reinterpretAsFloats();
      FloatVector scale =
          ((FloatVector) significand.convertShape(I2F, FLOATS, 0))
              .mul(power)
              .mul(
                  FloatVector.fromMemorySegment(
                      FLOATS, xScales, xScalesAt + 4L * lane, LITTLE_ENDIAN));
      FloatVector.fromArray(FLOATS, products, at + lane)
          .fma(scale, FloatVector.fromArray(FLOATS, sums, at + lane))
          .intoArray(sums, at + lane);
    }
  }

  /** Scales of some groups as floats. */
  static void decode(MemorySegment data, long at, int groups, MemorySegment out, long outAt) {
    for (int i = 0; i < groups * Lanes.COUNT; i += LENGTH) {
      IntVector bits =
          (IntVector)
              ShortVector.fromMemorySegment(SHORTS, data, at + 2L * i, LITTLE_ENDIAN)
                  .convertShape(S2I, INTS, 0);
      IntVector exponent = bits.lanewise(ASHR, 10).and(31);
      IntVector significand = bits.and(1023).add(exponent.min(1).lanewise(LSHL, 10));
      FloatVector power =
          exponent
              .max(1)
              .add(102)
              .lanewise(LSHL, 23)
              .or(bits.and(Integer.MIN_VALUE))
              .reinterpretAsFloats();
      ((FloatVector) significand.convertShape(I2F, FLOATS, 0))
          .mul(power)
          .intoMemorySegment(out, outAt + 4L * i, LITTLE_ENDIAN);
    }
  }
}
