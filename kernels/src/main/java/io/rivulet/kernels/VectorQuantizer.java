package io.rivulet.kernels;

import static io.rivulet.kernels.VectorWidth.FLOATS;
import static io.rivulet.kernels.VectorWidth.INTS;
import static io.rivulet.kernels.VectorWidth.LENGTH;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static jdk.incubator.vector.VectorOperators.F2I;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/** Activations to int8 by vectors. One is in use by one thread. */
final class VectorQuantizer {

  private final int[] codes = new int[LaneGroups.BLOCK];

  /** As {@link ScalarPacked#quantize}. */
  void quantize(FloatTensor x, int token, ActivationCodes out) {
    LaneGroups groups = out.groups();
    long at = x.offset(token, 0);
    int pairs = 0;
    for (int group = 0; group < groups.count(); group++) {
      int blocks = groups.blocks(group);
      for (int block = 0; block < blocks; block++) {
        float largest = VectorMaximum.ofMagnitudes(x.data(), at, LaneGroups.BLOCK);
        round(x.data(), at, ScalarPacked.inverse(largest), codes);
        float scale = ScalarPacked.scale(largest);
        ScalarPacked.store(codes, scale, block, blocks, group, pairs, token, out);
        at += LaneGroups.BLOCK * Float.BYTES;
      }
      pairs += groups.pairs(group);
    }
  }

  private static void round(MemorySegment xs, long at, float inverse, int[] codes) {
    for (int i = 0; i < LaneGroups.BLOCK; i += LENGTH) {
      FloatVector v = FloatVector.fromMemorySegment(FLOATS, xs, at + 4L * i, LITTLE_ENDIAN);
      FloatVector rounded = v.mul(inverse).add(ScalarPacked.ROUNDER).sub(ScalarPacked.ROUNDER);
      ((IntVector) rounded.convertShape(F2I, INTS, 0)).intoArray(codes, i);
    }
  }
}
