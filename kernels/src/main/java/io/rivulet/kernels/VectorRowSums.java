package io.rivulet.kernels;

import static io.rivulet.kernels.FloatTensor.FLOAT;
import static io.rivulet.kernels.VectorWidth.FLOATS;
import static io.rivulet.kernels.VectorWidth.LENGTH;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * Sums of neuron rows for many tokens by vectors. The rows of a block that any token has active are
 * decoded once, to floats that stay in the second-level cache; from there each token adds its own,
 * a tile of columns at a time, so that the tile's rows come from the first-level cache. Sums are
 * kept in registers over a block. One is in use by one thread.
 *
 * <p>The loops over vectors are methods of their own and flat: a helper that returns a vector may
 * be left uninlined and then allocates.
 */
final class VectorRowSums {

  /** Neurons that are decoded together. */
  private static final int BLOCK = 128;

  /** Columns that are decoded together: long pieces of rows, because each begins another page. */
  private static final int SPAN = 1024;

  /** Columns whose sums are kept in registers. */
  private static final int WIDE = 8 * LENGTH;

  private static final int NARROW = 2 * LENGTH;

  /** Tokens and columns of a tile where all tokens have all neurons of a block active. */
  private static final int TOKENS = 4;

  private static final int TILE = 4 * LENGTH;

  /** One line more than columns: rows 4 KiB apart would look like one address to a processor. */
  private final FloatTensor rows =
      FloatTensor.allocate(Arena.ofAuto(), BLOCK, SPAN + FloatTensor.ALIGNMENT / Float.BYTES);

  private final VectorDecoder decoder = new VectorDecoder();
  private final int rowBytes = rows.stride() * Float.BYTES;
  private final boolean[] wanted = new boolean[BLOCK];

  // A token's next id, and where its active neurons of the block end in what follows.
  private int[] next = new int[0];
  private int[] ends = new int[0];

  // The active neurons of a block, token after token: where the row is, and the activation.
  private int[] rowAt = new int[0];
  private float[] factors = new float[0];

  /**
   * {@code out[t][c] += sum over i of activations[t][ids[t][i]] * w[ids[t][i]][c]} for the tokens
   * from 0 to {@code count} - 1. The sum of a column goes through the rows in order.
   *
   * @param from where columns that are stored together begin
   * @param to a multiple of {@link CodeType#STEP} columns later
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
    reserve(count);
    for (int c = from; c < to; c += SPAN) {
      int end = Math.min(to, c + SPAN);
      Arrays.fill(next, 0, count, 0);
      for (int neuron = 0; neuron < w.rows(); neuron += BLOCK) {
        int size = Math.min(BLOCK, w.rows() - neuron);
        gather(activations, count, ids, idCounts, neuron, size);
        decode(w, neuron, size, c, end);
        addBlock(size, count, out, c, end);
      }
    }
  }

  private void reserve(int count) {
    if (next.length < count) {
      next = new int[count];
      ends = new int[count];
      rowAt = new int[count * BLOCK];
      factors = new float[count * BLOCK];
    }
  }

  private void gather(
      FloatTensor activations, int count, int[][] ids, int[] idCounts, int neuron, int size) {
    MemorySegment data = activations.data();
    Arrays.fill(wanted, false);
    int found = 0;
    for (int token = 0; token < count; token++) {
      long at = activations.offset(token, 0);
      int[] active = ids[token];
      int i = next[token];
      for (; i < idCounts[token] && active[i] < neuron + size; i++) {
        int row = active[i] - neuron;
        wanted[row] = true;
        rowAt[found] = row * rowBytes;
        factors[found++] = data.get(FLOAT, at + 4L * active[i]);
      }
      next[token] = i;
      ends[token] = found;
    }
  }

  private void decode(NeuronRows w, int neuron, int size, int from, int to) {
    for (int row = 0; row < size; row++) {
      if (wanted[row]) {
        decodeRow(w, neuron + row, from, to, row * rowBytes);
      }
    }
  }

  private void decodeRow(NeuronRows w, int row, int from, int to, int at) {
    MemorySegment decoded = rows.data();
    switch (w) {
      case CodedRows coded -> {
        switch (coded.codeType()) {
          case BYTE -> VectorCodes.decodeBytes(coded, row, from, to, decoded, at);
          case NIBBLE, SIGNED_NIBBLE ->
              VectorCodes.decodeNibbles(coded, row, from, to, decoded, at);
        }
      }
      case Matrix matrix -> decoder.decodeRow(matrix, row, from, to - from, decoded, at);
    }
  }

  private void addBlock(int size, int count, FloatTensor out, int from, int to) {
    int c = from;
    for (; c + WIDE <= to; c += WIDE) {
      long at = 4L * (c - from);
      int token = 0;
      while (token < count) {
        if (full(token, count, size)) {
          int first = first(token);
          addTile(rows.data(), at, rowBytes, size, factors, first, out, token, c);
          addTile(
              rows.data(), at + 4L * TILE, rowBytes, size, factors, first, out, token, c + TILE);
          token += TOKENS;
        } else {
          addWide(rows.data(), at, rowAt, factors, first(token), ends[token], out, token, c);
          token++;
        }
      }
    }
    for (; c < to; c += NARROW) {
      long at = 4L * (c - from);
      for (int token = 0; token < count; token++) {
        addNarrow(rows.data(), at, rowAt, factors, first(token), ends[token], out, token, c);
      }
    }
  }

  /** Where the active neurons of a token begin. */
  private int first(int token) {
    return token == 0 ? 0 : ends[token - 1];
  }

  /** Whether a tile's tokens from this on are there and have all neurons of the block active. */
  private boolean full(int token, int count, int size) {
    return token + TOKENS <= count && ends[token + TOKENS - 1] - first(token) == TOKENS * size;
  }

  private static void addWide(
      MemorySegment rows,
      long at,
      int[] rowAt,
      float[] factors,
      int first,
      int end,
      FloatTensor out,
      int token,
      int col) {
    MemorySegment ys = out.data();
    long y = out.offset(token, col);
    FloatVector s0 = FloatVector.fromMemorySegment(FLOATS, ys, y, LITTLE_ENDIAN);
    FloatVector s1 = FloatVector.fromMemorySegment(FLOATS, ys, y + 4L * LENGTH, LITTLE_ENDIAN);
    FloatVector s2 = FloatVector.fromMemorySegment(FLOATS, ys, y + 8L * LENGTH, LITTLE_ENDIAN);
    FloatVector s3 = FloatVector.fromMemorySegment(FLOATS, ys, y + 12L * LENGTH, LITTLE_ENDIAN);
    FloatVector s4 = FloatVector.fromMemorySegment(FLOATS, ys, y + 16L * LENGTH, LITTLE_ENDIAN);
    FloatVector s5 = FloatVector.fromMemorySegment(FLOATS, ys, y + 20L * LENGTH, LITTLE_ENDIAN);
    FloatVector s6 = FloatVector.fromMemorySegment(FLOATS, ys, y + 24L * LENGTH, LITTLE_ENDIAN);
    FloatVector s7 = FloatVector.fromMemorySegment(FLOATS, ys, y + 28L * LENGTH, LITTLE_ENDIAN);
    for (int i = first; i < end; i++) {
      FloatVector a = FloatVector.broadcast(FLOATS, factors[i]);
      long w = at + rowAt[i];
      s0 = FloatVector.fromMemorySegment(FLOATS, rows, w, LITTLE_ENDIAN).fma(a, s0);
      s1 = FloatVector.fromMemorySegment(FLOATS, rows, w + 4L * LENGTH, LITTLE_ENDIAN).fma(a, s1);
      s2 = FloatVector.fromMemorySegment(FLOATS, rows, w + 8L * LENGTH, LITTLE_ENDIAN).fma(a, s2);
      s3 = FloatVector.fromMemorySegment(FLOATS, rows, w + 12L * LENGTH, LITTLE_ENDIAN).fma(a, s3);
      s4 = FloatVector.fromMemorySegment(FLOATS, rows, w + 16L * LENGTH, LITTLE_ENDIAN).fma(a, s4);
      s5 = FloatVector.fromMemorySegment(FLOATS, rows, w + 20L * LENGTH, LITTLE_ENDIAN).fma(a, s5);
      s6 = FloatVector.fromMemorySegment(FLOATS, rows, w + 24L * LENGTH, LITTLE_ENDIAN).fma(a, s6);
      s7 = FloatVector.fromMemorySegment(FLOATS, rows, w + 28L * LENGTH, LITTLE_ENDIAN).fma(a, s7);
    }
    s0.intoMemorySegment(ys, y, LITTLE_ENDIAN);
    s1.intoMemorySegment(ys, y + 4L * LENGTH, LITTLE_ENDIAN);
    s2.intoMemorySegment(ys, y + 8L * LENGTH, LITTLE_ENDIAN);
    s3.intoMemorySegment(ys, y + 12L * LENGTH, LITTLE_ENDIAN);
    s4.intoMemorySegment(ys, y + 16L * LENGTH, LITTLE_ENDIAN);
    s5.intoMemorySegment(ys, y + 20L * LENGTH, LITTLE_ENDIAN);
    s6.intoMemorySegment(ys, y + 24L * LENGTH, LITTLE_ENDIAN);
    s7.intoMemorySegment(ys, y + 28L * LENGTH, LITTLE_ENDIAN);
  }

  private static void addNarrow(
      MemorySegment rows,
      long at,
      int[] rowAt,
      float[] factors,
      int first,
      int end,
      FloatTensor out,
      int token,
      int col) {
    MemorySegment ys = out.data();
    long y = out.offset(token, col);
    FloatVector s0 = FloatVector.fromMemorySegment(FLOATS, ys, y, LITTLE_ENDIAN);
    FloatVector s1 = FloatVector.fromMemorySegment(FLOATS, ys, y + 4L * LENGTH, LITTLE_ENDIAN);
    for (int i = first; i < end; i++) {
      FloatVector a = FloatVector.broadcast(FLOATS, factors[i]);
      long w = at + rowAt[i];
      s0 = FloatVector.fromMemorySegment(FLOATS, rows, w, LITTLE_ENDIAN).fma(a, s0);
      s1 = FloatVector.fromMemorySegment(FLOATS, rows, w + 4L * LENGTH, LITTLE_ENDIAN).fma(a, s1);
    }
    s0.intoMemorySegment(ys, y, LITTLE_ENDIAN);
    s1.intoMemorySegment(ys, y + 4L * LENGTH, LITTLE_ENDIAN);
  }

  /** A dense product: all rows of the block, for four tokens and four vectors of columns. */
  private static void addTile(
      MemorySegment rows,
      long at,
      int rowBytes,
      int size,
      float[] factors,
      int first,
      FloatTensor out,
      int token,
      int col) {
    MemorySegment ys = out.data();
    long y0 = out.offset(token, col);
    long y1 = out.offset(token + 1, col);
    long y2 = out.offset(token + 2, col);
    long y3 = out.offset(token + 3, col);
    FloatVector s00 = FloatVector.fromMemorySegment(FLOATS, ys, y0, LITTLE_ENDIAN);
    FloatVector s01 = FloatVector.fromMemorySegment(FLOATS, ys, y0 + 4L * LENGTH, LITTLE_ENDIAN);
    FloatVector s02 = FloatVector.fromMemorySegment(FLOATS, ys, y0 + 8L * LENGTH, LITTLE_ENDIAN);
    FloatVector s03 = FloatVector.fromMemorySegment(FLOATS, ys, y0 + 12L * LENGTH, LITTLE_ENDIAN);
    FloatVector s10 = FloatVector.fromMemorySegment(FLOATS, ys, y1, LITTLE_ENDIAN);
    FloatVector s11 = FloatVector.fromMemorySegment(FLOATS, ys, y1 + 4L * LENGTH, LITTLE_ENDIAN);
    FloatVector s12 = FloatVector.fromMemorySegment(FLOATS, ys, y1 + 8L * LENGTH, LITTLE_ENDIAN);
    FloatVector s13 = FloatVector.fromMemorySegment(FLOATS, ys, y1 + 12L * LENGTH, LITTLE_ENDIAN);
    FloatVector s20 = FloatVector.fromMemorySegment(FLOATS, ys, y2, LITTLE_ENDIAN);
    FloatVector s21 = FloatVector.fromMemorySegment(FLOATS, ys, y2 + 4L * LENGTH, LITTLE_ENDIAN);
    FloatVector s22 = FloatVector.fromMemorySegment(FLOATS, ys, y2 + 8L * LENGTH, LITTLE_ENDIAN);
    FloatVector s23 = FloatVector.fromMemorySegment(FLOATS, ys, y2 + 12L * LENGTH, LITTLE_ENDIAN);
    FloatVector s30 = FloatVector.fromMemorySegment(FLOATS, ys, y3, LITTLE_ENDIAN);
    FloatVector s31 = FloatVector.fromMemorySegment(FLOATS, ys, y3 + 4L * LENGTH, LITTLE_ENDIAN);
    FloatVector s32 = FloatVector.fromMemorySegment(FLOATS, ys, y3 + 8L * LENGTH, LITTLE_ENDIAN);
    FloatVector s33 = FloatVector.fromMemorySegment(FLOATS, ys, y3 + 12L * LENGTH, LITTLE_ENDIAN);
    for (int i = 0; i < size; i++) {
      long w = at + (long) i * rowBytes;
      FloatVector w0 = FloatVector.fromMemorySegment(FLOATS, rows, w, LITTLE_ENDIAN);
      FloatVector w1 = FloatVector.fromMemorySegment(FLOATS, rows, w + 4L * LENGTH, LITTLE_ENDIAN);
      FloatVector w2 = FloatVector.fromMemorySegment(FLOATS, rows, w + 8L * LENGTH, LITTLE_ENDIAN);
      FloatVector w3 = FloatVector.fromMemorySegment(FLOATS, rows, w + 12L * LENGTH, LITTLE_ENDIAN);
      FloatVector a0 = FloatVector.broadcast(FLOATS, factors[first + i]);
      s00 = w0.fma(a0, s00);
      s01 = w1.fma(a0, s01);
      s02 = w2.fma(a0, s02);
      s03 = w3.fma(a0, s03);
      FloatVector a1 = FloatVector.broadcast(FLOATS, factors[first + size + i]);
      s10 = w0.fma(a1, s10);
      s11 = w1.fma(a1, s11);
      s12 = w2.fma(a1, s12);
      s13 = w3.fma(a1, s13);
      FloatVector a2 = FloatVector.broadcast(FLOATS, factors[first + 2 * size + i]);
      s20 = w0.fma(a2, s20);
      s21 = w1.fma(a2, s21);
      s22 = w2.fma(a2, s22);
      s23 = w3.fma(a2, s23);
      FloatVector a3 = FloatVector.broadcast(FLOATS, factors[first + 3 * size + i]);
      s30 = w0.fma(a3, s30);
      s31 = w1.fma(a3, s31);
      s32 = w2.fma(a3, s32);
      s33 = w3.fma(a3, s33);
    }
    s00.intoMemorySegment(ys, y0, LITTLE_ENDIAN);
    s01.intoMemorySegment(ys, y0 + 4L * LENGTH, LITTLE_ENDIAN);
    s02.intoMemorySegment(ys, y0 + 8L * LENGTH, LITTLE_ENDIAN);
    s03.intoMemorySegment(ys, y0 + 12L * LENGTH, LITTLE_ENDIAN);
    s10.intoMemorySegment(ys, y1, LITTLE_ENDIAN);
    s11.intoMemorySegment(ys, y1 + 4L * LENGTH, LITTLE_ENDIAN);
    s12.intoMemorySegment(ys, y1 + 8L * LENGTH, LITTLE_ENDIAN);
    s13.intoMemorySegment(ys, y1 + 12L * LENGTH, LITTLE_ENDIAN);
    s20.intoMemorySegment(ys, y2, LITTLE_ENDIAN);
    s21.intoMemorySegment(ys, y2 + 4L * LENGTH, LITTLE_ENDIAN);
    s22.intoMemorySegment(ys, y2 + 8L * LENGTH, LITTLE_ENDIAN);
    s23.intoMemorySegment(ys, y2 + 12L * LENGTH, LITTLE_ENDIAN);
    s30.intoMemorySegment(ys, y3, LITTLE_ENDIAN);
    s31.intoMemorySegment(ys, y3 + 4L * LENGTH, LITTLE_ENDIAN);
    s32.intoMemorySegment(ys, y3 + 8L * LENGTH, LITTLE_ENDIAN);
    s33.intoMemorySegment(ys, y3 + 12L * LENGTH, LITTLE_ENDIAN);
  }
}
