package io.rivulet.kernels;

import static io.rivulet.kernels.Float16Values.VALUES;
import static io.rivulet.kernels.KeyValueBlocks.POSITIONS;
import static io.rivulet.kernels.VectorWidth.BYTES;
import static io.rivulet.kernels.VectorWidth.FLOATS;
import static io.rivulet.kernels.VectorWidth.INTS;
import static io.rivulet.kernels.VectorWidth.LENGTH;
import static io.rivulet.kernels.VectorWidth.SHORTS;
import static io.rivulet.kernels.WeightCodec.SHORT;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.VectorOperators.B2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.S2I;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;

/**
 * The way back of {@link KeyValueCodec} by vectors, a block of a head at a time. With 128 bits a
 * load of codes takes more than become floats: the scales behind them at the end.
 *
 * <p>Flat on purpose: a helper that returns a vector may be left uninlined and then allocates.
 */
final class VectorKeyValues {

  private static final int GROUP = KeyValueCodec.GROUP;

  private VectorKeyValues() {}

  /** By the arithmetic of {@link VectorF16}; count is whole vectors. */
  static void loadHalves(MemorySegment from, long at, int count, MemorySegment to, long toAt) {
    FloatVector two = FloatVector.broadcast(FLOATS, 2f);
    FloatVector smallest = FloatVector.broadcast(FLOATS, VectorF16.MINUS_SMALLEST);
    for (int i = 0; i < count; i += LENGTH) {
      IntVector h =
          (IntVector)
              ShortVector.fromMemorySegment(SHORTS, from, at + 2L * i, LITTLE_ENDIAN)
                  .convertShape(S2I, INTS, 0);
      IntVector m = h.and(VectorF16.MAGNITUDE).lanewise(LSHL, VectorF16.SHIFT);
      IntVector n = m.add(VectorF16.REBIAS);
      IntVector g = n.reinterpretAsFloats().fma(two, smallest).reinterpretAsInts().min(n);
      g.or(h.and(VectorF16.SIGN))
          .reinterpretAsFloats()
          .intoMemorySegment(to, toAt + 4L * i, LITTLE_ENDIAN);
    }
  }

  /** A vector of positions at a time: their scales serve a group of dimensions. */
  static void loadKeyCodes(MemorySegment from, long at, int headSize, MemorySegment to, long toAt) {
    long scales = at + (long) headSize * POSITIONS;
    FloatVector two = FloatVector.broadcast(FLOATS, 2f);
    FloatVector smallest = FloatVector.broadcast(FLOATS, VectorF16.MINUS_SMALLEST);
    for (int i = 0; i < headSize / GROUP * POSITIONS; i += LENGTH) {
      int group = i / POSITIONS;
      IntVector h =
          (IntVector)
              ShortVector.fromMemorySegment(SHORTS, from, scales + 2L * i, LITTLE_ENDIAN)
                  .convertShape(S2I, INTS, 0);
      IntVector n = h.and(VectorF16.MAGNITUDE).lanewise(LSHL, VectorF16.SHIFT);
      n = n.add(VectorF16.REBIAS);
      FloatVector scale =
          n.reinterpretAsFloats()
              .fma(two, smallest)
              .reinterpretAsInts()
              .min(n)
              .reinterpretAsFloats();
      int first = group * GROUP * POSITIONS + i % POSITIONS;
      for (int c = 0; c < GROUP; c++) {
        long place = first + (long) c * POSITIONS;
        ((FloatVector)
                ByteVector.fromMemorySegment(BYTES, from, at + place, LITTLE_ENDIAN)
                    .convertShape(B2F, FLOATS, 0))
            .mul(scale)
            .intoMemorySegment(to, toAt + 4L * place, LITTLE_ENDIAN);
      }
    }
  }

  /** A group of a position at a time. */
  static void loadValueCodes(
      MemorySegment from, long at, int headSize, MemorySegment to, long toAt) {
    long scales = at + (long) headSize * POSITIONS;
    for (int group = 0; group < headSize / GROUP * POSITIONS; group++) {
      FloatVector scale =
          FloatVector.broadcast(FLOATS, VALUES[from.get(SHORT, scales + 2L * group) & 0xffff]);
      for (int c = 0; c < GROUP; c += LENGTH) {
        long place = (long) group * GROUP + c;
        ((FloatVector)
                ByteVector.fromMemorySegment(BYTES, from, at + place, LITTLE_ENDIAN)
                    .convertShape(B2F, FLOATS, 0))
            .mul(scale)
            .intoMemorySegment(to, toAt + 4L * place, LITTLE_ENDIAN);
      }
    }
  }
}
