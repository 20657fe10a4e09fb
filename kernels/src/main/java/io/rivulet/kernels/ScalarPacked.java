package io.rivulet.kernels;

import static io.rivulet.kernels.FloatTensor.FLOAT;
import static io.rivulet.kernels.WeightCodec.SHORT;
import static io.rivulet.kernels.WeightCodec.float16;

import java.lang.foreign.MemorySegment;

/**
 * Products of packed weights and int8 activations without vectors, and how activations get there.
 */
final class ScalarPacked {

  /** The largest code. */
  static final float LARGEST = 127;

  /** Added and taken away again, it rounds to the nearest whole number, ties to even. */
  static final float ROUNDER = 0x1.8p23f;

  /** Activations that are all smaller count as zeros: what they are divided by would overflow. */
  private static final float SMALLEST = 0x1p-120f;

  private ScalarPacked() {}

  /** What codes are multiplied by to give activations of which the largest is so large. */
  static float scale(float largest) {
    return largest / LARGEST;
  }

  /** What such activations are multiplied by to give codes, before these are rounded. */
  static float inverse(float largest) {
    return largest < SMALLEST ? 0 : LARGEST / largest;
  }

  /** By way of a block of codes. */
  static void quantize(FloatTensor x, int token, ActivationCodes out, int[] block) {
    LaneGroups groups = out.groups();
    int column = 0;
    int pairs = 0;
    for (int group = 0; group < groups.count(); group++) {
      int blocks = groups.blocks(group);
      for (int b = 0; b < blocks; b++) {
        float largest = largest(x, token, column);
        float inverse = inverse(largest);
        for (int i = 0; i < LaneGroups.BLOCK; i++) {
          block[i] = (int) (x.get(token, column + i) * inverse + ROUNDER - ROUNDER);
        }
        store(block, scale(largest), b, blocks, group, pairs, token, out);
        column += LaneGroups.BLOCK;
      }
      pairs += groups.pairs(group);
    }
  }

  private static float largest(FloatTensor x, int token, int column) {
    float largest = 0;
    for (int i = 0; i < LaneGroups.BLOCK; i++) {
      largest = Math.max(largest, Math.abs(x.get(token, column + i)));
    }
    return largest;
  }

  /**
   * Deals a block to its lanes.
   *
   * @param pairs that come before the group's
   */
  static void store(
      int[] codes,
      float scale,
      int block,
      int blocks,
      int group,
      int pairs,
      int token,
      ActivationCodes out) {
    int share = Lanes.COUNT / blocks;
    MemorySegment values = out.values().data();
    long valuesAt = out.values().offset(token, pairs * 2 * Lanes.COUNT);
    long codesAt = out.codesAt(token) + (long) pairs * ActivationCodes.PAIR_BYTES;
    int i = 0;
    for (int lane = block * share; lane < (block + 1) * share; lane++) {
      int sum = 0;
      for (int pair = 0; pair < blocks; pair++) {
        int first = codes[i++];
        int second = codes[i++];
        sum += first + second;
        int both = (first & 0xffff) | (second << Short.SIZE);
        out.codes()
            .set(Packing.INT, codesAt + (long) pair * ActivationCodes.PAIR_BYTES + 4L * lane, both);
        long valueAt = valuesAt + 4L * (pair * 2 * Lanes.COUNT + lane);
        values.set(FLOAT, valueAt, first);
        values.set(FLOAT, valueAt + 4L * Lanes.COUNT, second);
      }
      out.scales().data().set(FLOAT, out.scales().offset(token, group * Lanes.COUNT + lane), scale);
      out.sums().data().set(FLOAT, out.sums().offset(token, group * Lanes.COUNT + lane), sum);
    }
  }

  /** {@code out[token][r] = w[r] . x[token]}. */
  static void multiplyOne(
      PackedMatrix w,
      ActivationCodes x,
      int token,
      FloatTensor out,
      int rowFrom,
      int rowTo,
      float[] lanes) {
    LaneGroups groups = x.groups();
    for (int row = rowFrom; row < rowTo; row++) {
      long scalesAt = row * w.rowBytes();
      long codesAt = scalesAt + w.codesAt();
      long xAt = x.codesAt(token);
      for (int group = 0; group < groups.count(); group++) {
        int pairs = groups.pairs(group);
        for (int lane = 0; lane < Lanes.COUNT; lane++) {
          int column = group * Lanes.COUNT + lane;
          int sum = dot(w, codesAt, x, xAt, pairs, lane);
          if (w.type() == WeightType.Q4_0) {
            sum -= Packing.BIAS * (int) x.sums().get(token, column);
          }
          float scale = x.scales().get(token, column) * float16(w.data(), scalesAt + 2L * lane);
          lanes[lane] = Math.fma(sum, scale, group == 0 ? 0 : lanes[lane]);
        }
        scalesAt += PackedMatrix.SCALES_BYTES;
        codesAt += w.codeBytes(pairs);
        xAt += (long) pairs * ActivationCodes.PAIR_BYTES;
      }
      out.data().set(FLOAT, out.offset(token, row), Lanes.sum(lanes, 0));
    }
  }

  private static int dot(
      PackedMatrix w, long at, ActivationCodes x, long xAt, int pairs, int lane) {
    int sum = 0;
    for (int pair = 0; pair < pairs; pair++) {
      int both =
          x.codes().get(Packing.INT, xAt + (long) pair * ActivationCodes.PAIR_BYTES + 4L * lane);
      int first;
      int second;
      if (w.type() == WeightType.Q8_0) {
        int bytes = w.data().get(SHORT, at + 2L * (pair * Lanes.COUNT + lane));
        first = (byte) bytes;
        second = bytes >> Byte.SIZE;
      } else {
        int word = pair / PackedMatrix.PAIRS_PER_WORD * Lanes.COUNT + lane;
        int bits =
            w.data().get(Packing.INT, at + 4L * word) >> (pair % PackedMatrix.PAIRS_PER_WORD * 4);
        first = bits & 15;
        second = bits >> Short.SIZE & 15;
      }
      sum += first * (short) both + second * (both >> Short.SIZE);
    }
    return sum;
  }
}
