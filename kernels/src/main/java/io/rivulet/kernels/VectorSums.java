package io.rivulet.kernels;

import static io.rivulet.kernels.VectorWidth.FLOATS;
import static io.rivulet.kernels.VectorWidth.LENGTH;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;

/**
 * {@link Lanes#sum} for sixteen sums at once, to the same bits: two vectors whose lanes l and l + k
 * are to be added become one, in which the second's sums lie between the first's.
 */
final class VectorSums {

  /** Sums that are added up at once. */
  static final int GROUP = Lanes.COUNT;

  private static final VectorMask<Float> UPPER_8 = upper(8);
  private static final VectorMask<Float> UPPER_4 = upper(4);
  private static final VectorMask<Float> UPPER_2 = upper(2);
  private static final VectorMask<Float> UPPER_1 = upper(1);
  private static final VectorShuffle<Float> SWAP_8 = swap(8);
  private static final VectorShuffle<Float> SWAP_4 = swap(4);
  private static final VectorShuffle<Float> SWAP_2 = swap(2);
  private static final VectorShuffle<Float> SWAP_1 = swap(1);

  private VectorSums() {}

  /** Where the sum of group member i is after {@link #add}, from where the group begins. */
  static int offset(int i) {
    return i / LENGTH * LENGTH * GROUP + i % LENGTH;
  }

  /** Adds up 16 times 16 lanes, in place. */
  static void add(float[] sums, int at) {
    if (LENGTH > 8) {
      fold(sums, at, 8, UPPER_8, SWAP_8);
    } else {
      halve(sums, at, 8);
    }
    if (LENGTH < 8) {
      halve(sums, at, 4);
    }
    for (int i = 0; i < GROUP; i += LENGTH) {
      int from = at + i * GROUP;
      if (LENGTH > 4) {
        fold(sums, from, 4, UPPER_4, SWAP_4);
      }
      fold(sums, from, 2, UPPER_2, SWAP_2);
      fold(sums, from, 1, UPPER_1, SWAP_1);
    }
  }

  /** Adds lane l + k to lane l, where both are in vectors of their own. */
  private static void halve(float[] sums, int at, int k) {
    for (int i = 0; i < GROUP; i++) {
      for (int lane = 0; lane < k; lane += LENGTH) {
        int l = at + i * GROUP + lane;
        FloatVector.fromArray(FLOATS, sums, l)
            .add(FloatVector.fromArray(FLOATS, sums, l + k))
            .intoArray(sums, l);
      }
    }
  }

  /** Makes one vector of numbers i and i + k, for i from 0 to k - 1. */
  private static void fold(
      float[] sums, int at, int k, VectorMask<Float> upper, VectorShuffle<Float> swap) {
    for (int i = 0; i < k; i++) {
      int first = at + i * GROUP;
      int second = first + k * GROUP;
      FloatVector a = FloatVector.fromArray(FLOATS, sums, first);
      FloatVector b = FloatVector.fromArray(FLOATS, sums, second);
      a.blend(b, upper).add(b.blend(a, upper).rearrange(swap)).intoArray(sums, first);
    }
  }

  private static VectorMask<Float> upper(int k) {
    return VectorMask.fromValues(FLOATS, lanesWith(k));
  }

  private static boolean[] lanesWith(int k) {
    boolean[] upper = new boolean[LENGTH];
    for (int lane = 0; lane < LENGTH; lane++) {
      upper[lane] = (lane & k) != 0;
    }
    return upper;
  }

  private static VectorShuffle<Float> swap(int k) {
    return VectorShuffle.fromOp(FLOATS, lane -> (lane ^ k) % LENGTH);
  }
}
