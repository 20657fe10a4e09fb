package io.rivulet.kernels;

import static io.rivulet.kernels.CheckedKernels.noRowSums;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Sums of neuron rows by vectors where tokens share few: straight from the weights, token by token.
 * Tokens take turns, a block of neurons after another, so that a row which several want comes from
 * memory once and from the second-level cache for the others. One is in use by one thread.
 */
final class VectorSparseSums {

  /** Neurons of a block. */
  private static final int BLOCK = 256;

  /** Rows in flight of the kernels. */
  private static final int ROWS = 4;

  /** A token's next id. */
  private int[] next = new int[0];

  /**
   * {@code out[t][c] += sum over i of activations[t][ids[t][i]] * w[ids[t][i]][c]} for the tokens
   * from 0 to {@code count} - 1. The sum of a column goes through the rows in order.
   */
  void accumulate(
      NeuronRows w,
      FloatTensor activations,
      int count,
      int[][] ids,
      int[] idCounts,
      FloatTensor out,
      int from,
      int to) {
    if (count == 1) {
      add(w, activations, 0, ids[0], 0, idCounts[0], out, from, to);
      return;
    }
    if (next.length < count) {
      next = new int[count];
    }
    Arrays.fill(next, 0, count, 0);
    for (int neuron = 0; neuron < w.rows(); neuron += BLOCK) {
      for (int token = 0; token < count; token++) {
        int first = next[token];
        int end = end(ids[token], first, idCounts[token], neuron + BLOCK);
        add(w, activations, token, ids[token], first, end, out, from, to);
        next[token] = end;
      }
    }
  }

  /**
   * Where the ids of a block end, those of the next that the kernel can take with them included.
   */
  private static int end(int[] ids, int first, int count, int neuron) {
    int i = first;
    while (i < count && ids[i] < neuron) {
      i += ROWS;
    }
    return Math.min(i, count);
  }

  private static void add(
      NeuronRows w,
      FloatTensor activations,
      int token,
      int[] ids,
      int idFrom,
      int idTo,
      FloatTensor out,
      int from,
      int to) {
    switch (w) {
      case Matrix rows -> add(rows, activations, token, ids, idFrom, idTo, out, from, to);
      case CodedRows rows -> add(rows, activations, token, ids, idFrom, idTo, out, from, to);
    }
  }

  private static void add(
      Matrix w,
      FloatTensor activations,
      int token,
      int[] ids,
      int idFrom,
      int idTo,
      FloatTensor out,
      int from,
      int to) {
    MemorySegment ys = out.data();
    long yAt = out.offset(token, 0);
    switch (w.type()) {
      case F32 -> VectorF32.accumulate(w, activations, token, ids, idFrom, idTo, ys, yAt, from, to);
      case F16 -> VectorF16.accumulate(w, activations, token, ids, idFrom, idTo, ys, yAt, from, to);
      case BF16 ->
          VectorBf16.accumulate(w, activations, token, ids, idFrom, idTo, ys, yAt, from, to);
      case Q8_0,
          Q4_0,
          Q4_1,
          Q5_0,
          Q5_1,
          Q2_K,
          Q3_K,
          Q4_K,
          Q5_K,
          Q6_K,
          IQ4_NL,
          IQ4_XS,
          TQ1_0,
          TQ2_0 ->
          throw noRowSums(w.type());
    }
  }

  private static void add(
      CodedRows w,
      FloatTensor activations,
      int token,
      int[] ids,
      int idFrom,
      int idTo,
      FloatTensor out,
      int from,
      int to) {
    MemorySegment ys = out.data();
    long yAt = out.offset(token, 0);
    int end = from + (to - from) / CodeType.STEP * CodeType.STEP;
    switch (w.codeType()) {
      case BYTE ->
          VectorCodes.accumulateBytes(w, activations, token, ids, idFrom, idTo, ys, yAt, from, end);
      case NIBBLE, SIGNED_NIBBLE ->
          VectorCodes.accumulateNibbles(
              w, activations, token, ids, idFrom, idTo, ys, yAt, from, end);
    }
    if (end < to) {
      ScalarKernels.accumulateRows(w, activations, token, ids, idFrom, idTo, out, end, to);
    }
  }
}
