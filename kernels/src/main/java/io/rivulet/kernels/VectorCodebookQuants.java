package io.rivulet.kernels;

import static io.rivulet.kernels.CodebookQuants.GROUP;
import static io.rivulet.kernels.Float16Values.VALUES;
import static io.rivulet.kernels.VectorWidth.BYTES;
import static io.rivulet.kernels.VectorWidth.FLOATS;
import static io.rivulet.kernels.VectorWidth.LENGTH;
import static io.rivulet.kernels.WeightCodec.SHORT;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.ByteVector.SPECIES_128;
import static jdk.incubator.vector.VectorOperators.B2F;
import static jdk.incubator.vector.VectorOperators.LSHR;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;

/**
 * {@link CodebookQuants} by vectors, to the same bits: a vector of 16 bytes holds the codebook, and
 * 16 weights choose from it at once. Flat on purpose, as all of the vector code.
 */
final class VectorCodebookQuants {

  private VectorCodebookQuants() {}

  /**
   * @param chosen scratch memory of 40 bytes for what was chosen from the codebook
   */
  static void decodeNl(
      MemorySegment data, long at, int blocks, MemorySegment out, long outAt, byte[] chosen) {
    ByteVector codebook = ByteVector.fromArray(SPECIES_128, CodebookQuants.VALUES, 0);
    for (int b = 0; b < blocks; b++) {
      long block = at + (long) b * WeightType.IQ4_NL.bytesPerBlock();
      long y = outAt + 4L * GROUP * b;
      FloatVector d = FloatVector.broadcast(FLOATS, VALUES[data.get(SHORT, block) & 0xffff]);
      ByteVector q = ByteVector.fromMemorySegment(SPECIES_128, data, block + 2, LITTLE_ENDIAN);
      q.and((byte) 15).selectFrom(codebook).intoArray(chosen, 0);
      q.reinterpretAsInts()
          .lanewise(LSHR, 4)
          .reinterpretAsBytes()
          .and((byte) 15)
          .selectFrom(codebook)
          .intoArray(chosen, GROUP / 2);
      for (int l = 0; l < GROUP; l += LENGTH) {
        ((FloatVector) ByteVector.fromArray(BYTES, chosen, l).convertShape(B2F, FLOATS, 0))
            .mul(d)
            .intoMemorySegment(out, y + 4L * l, LITTLE_ENDIAN);
      }
    }
  }

  /**
   * @param chosen as for IQ4_NL
   */
  static void decodeXs(
      MemorySegment data, long at, int blocks, MemorySegment out, long outAt, byte[] chosen) {
    ByteVector codebook = ByteVector.fromArray(SPECIES_128, CodebookQuants.VALUES, 0);
    for (int b = 0; b < blocks; b++) {
      long block = at + (long) b * WeightType.IQ4_XS.bytesPerBlock();
      float d = VALUES[data.get(SHORT, block) & 0xffff];
      for (int group = 0; group < 8; group++) {
        long y = outAt + 4L * GROUP * (8L * b + group);
        FloatVector scale =
            FloatVector.broadcast(FLOATS, d * CodebookQuants.xsScale(data, block, group));
        ByteVector q =
            ByteVector.fromMemorySegment(SPECIES_128, data, block + 8 + 16L * group, LITTLE_ENDIAN);
        q.and((byte) 15).selectFrom(codebook).intoArray(chosen, 0);
        q.reinterpretAsInts()
            .lanewise(LSHR, 4)
            .reinterpretAsBytes()
            .and((byte) 15)
            .selectFrom(codebook)
            .intoArray(chosen, GROUP / 2);
        for (int l = 0; l < GROUP; l += LENGTH) {
          ((FloatVector) ByteVector.fromArray(BYTES, chosen, l).convertShape(B2F, FLOATS, 0))
              .mul(scale)
              .intoMemorySegment(out, y + 4L * l, LITTLE_ENDIAN);
        }
      }
    }
  }
}
