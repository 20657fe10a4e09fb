package io.rivulet.kernels;

import static io.rivulet.kernels.FloatTensor.FLOAT;
import static io.rivulet.kernels.VectorWidth.FLOATS;
import static io.rivulet.kernels.VectorWidth.INTS;
import static io.rivulet.kernels.VectorWidth.LENGTH;
import static io.rivulet.kernels.VectorWidth.SHORTS;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.S2I;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/** Floats of 16 bits by vectors; what is left after whole vectors goes one by one. */
final class VectorSmallFloats {

  private VectorSmallFloats() {}

  /** As {@link VectorF16} says. */
  static void decodeF16(MemorySegment data, long at, int count, MemorySegment out, long outAt) {
    FloatVector two = FloatVector.broadcast(FLOATS, 2f);
    FloatVector smallest = FloatVector.broadcast(FLOATS, VectorF16.MINUS_SMALLEST);
    int even = Lanes.evenPart(count);
    for (int c = 0; c < even; c += LENGTH) {
      IntVector h =
          (IntVector)
              ShortVector.fromMemorySegment(SHORTS, data, at + 2L * c, LITTLE_ENDIAN)
                  .convertShape(S2I, INTS, 0);
      IntVector m =
          h.and(VectorF16.MAGNITUDE).lanewise(LSHL, VectorF16.SHIFT).add(VectorF16.REBIAS);
      m.reinterpretAsFloats()
          .fma(two, smallest)
          .reinterpretAsInts()
          .min(m)
          .or(h.and(VectorF16.SIGN))
          .reinterpretAsFloats()
          .intoMemorySegment(out, outAt + 4L * c, LITTLE_ENDIAN);
    }
    for (int c = even; c < count; c++) {
      out.set(FLOAT, outAt + 4L * c, WeightCodec.float16(data, at + 2L * c));
    }
  }

  static void decodeBf16(MemorySegment data, long at, int count, MemorySegment out, long outAt) {
    int even = Lanes.evenPart(count);
    for (int c = 0; c < even; c += LENGTH) {
      ShortVector.fromMemorySegment(SHORTS, data, at + 2L * c, LITTLE_ENDIAN)
          .convertShape(S2I, INTS, 0)
          .lanewise(LSHL, Short.SIZE)
          .reinterpretAsFloats()
          .intoMemorySegment(out, outAt + 4L * c, LITTLE_ENDIAN);
    }
    for (int c = even; c < count; c++) {
      out.set(FLOAT, outAt + 4L * c, WeightCodec.bfloat16(data, at + 2L * c));
    }
  }
}
