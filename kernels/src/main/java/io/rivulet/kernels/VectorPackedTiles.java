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
 * Packed weights times the codes of several tokens. Codes as floats multiply faster than as whole
 * numbers where a register's sums serve many products, and give the same: a group's sum of a lane
 * stays below 2^24, so it is exact. A strip of some rows is decoded once for all tokens, and
 * multiplied by tiles of a few rows and {@link #TOKENS} tokens, group by group, whose sums stay in
 * registers: a tile's rows stay in the first-level cache while tokens pass. One is in use by one
 * thread.
 *
 * <p>The loops over vectors are methods of their own and flat: a helper that returns a vector may
 * be left uninlined and then allocates.
 */
final class VectorPackedTiles {

  /** Rows of a strip. */
  private static final int ROWS = 3 * VectorSums.GROUP;

  /** Rows of the largest tile. */
  private static final int TILE_ROWS = 6;

  /** Groups of a strip. */
  private static final int GROUPS = 2;

  /** Tokens of a tile; with six rows of 512 bits, 31 of 32 registers are in use. */
  private static final int TOKENS = 4;

  /** Tokens that a strip serves before it is decoded again. */
  private static final int MOST_TOKENS = 40 * TOKENS;

  private static final int TOKEN_SUMS = ROWS * Lanes.COUNT;

  /** One line more than columns: rows 4 KiB apart would look like one address to a processor. */
  private final FloatTensor strip =
      FloatTensor.allocate(
          Arena.ofAuto(), ROWS, GROUPS * LaneGroups.GROUP + FloatTensor.ALIGNMENT / Float.BYTES);

  private final FloatTensor scales =
      FloatTensor.allocate(Arena.ofAuto(), ROWS, GROUPS * Lanes.COUNT);

  /** Which rows of the matrix the strip has. */
  private final int[] stripRows = new int[ROWS];

  /** Partial sums of each token, for each row, in {@link Lanes}. */
  private final float[] sums = new float[MOST_TOKENS * TOKEN_SUMS];

  /** The sums of one tile's group. */
  private final float[] tile = new float[TILE_ROWS * TOKENS * Lanes.COUNT];

  /** {@code out[i][r] = w[r] . x[i]} for i from 0 to count - 1 and r from rowFrom to rowTo - 1. */
  void multiply(
      PackedMatrix w, ActivationCodes x, int count, FloatTensor out, int rowFrom, int rowTo) {
    for (int row = rowFrom; row < rowTo; row += ROWS) {
      int rows = Math.min(ROWS, rowTo - row);
      for (int r = 0; r < rows; r++) {
        stripRows[r] = row + r;
      }
      multiplyStrip(w, rows, x, count, out);
    }
  }

  /** The same for the rows {@code ids[i]}, i from {@code from} to {@code to} - 1. */
  void multiply(
      PackedMatrix w, ActivationCodes x, int count, int[] ids, int from, int to, FloatTensor out) {
    for (int i = from; i < to; i += ROWS) {
      int rows = Math.min(ROWS, to - i);
      System.arraycopy(ids, i, stripRows, 0, rows);
      multiplyStrip(w, rows, x, count, out);
    }
  }

  private void multiplyStrip(
      PackedMatrix w, int rows, ActivationCodes x, int count, FloatTensor out) {
    for (int token = 0; token < count; token += MOST_TOKENS) {
      int last = Math.min(count, token + MOST_TOKENS) - 1;
      Arrays.fill(sums, 0, (last - token + 1) * TOKEN_SUMS, 0);
      if (fewPay(w, last - token + 1)) {
        addRowsToFew(w, rows, x, token, last);
      } else {
        addRows(w, rows, x, token, last);
      }
      finish(rows, token, last, out);
    }
  }

  /** Whether to take codes from the rows for each tile anew. */
  private static boolean fewPay(PackedMatrix w, int tokens) {
    return LENGTH == Lanes.COUNT && w.type() == WeightType.Q8_0 && tokens <= TOKENS;
  }

  private void addRowsToFew(PackedMatrix w, int rows, ActivationCodes x, int token, int last) {
    LaneGroups groups = w.groups();
    int valueCol = 0;
    long codesAt = w.codesAt();
    for (int group = 0; group < groups.count(); group++) {
      int pairs = groups.pairs(group);
      decodeScales(w, rows, group, group + 1);
      for (int r = 0; r < rows; r += TILE_ROWS) {
        addGroupToFew(w, r, rows - 1, codesAt, x, token, last, valueCol, pairs);
        addScaledWide(tile, scales, 0, r, x.scales(), group, token, last, sums, r * Lanes.COUNT);
      }
      valueCol += pairs * 2 * Lanes.COUNT;
      codesAt += w.codeBytes(pairs);
    }
  }

  /** Six rows of the strip; those after the last are the last. */
  private void addGroupToFew(
      PackedMatrix w,
      int row,
      int lastRow,
      long codesAt,
      ActivationCodes x,
      int token,
      int last,
      int valueCol,
      int pairs) {
    MemorySegment data = w.data();
    long w0 = stripRows[row] * w.rowBytes() + codesAt;
    long w1 = stripRows[Math.min(row + 1, lastRow)] * w.rowBytes() + codesAt;
    long w2 = stripRows[Math.min(row + 2, lastRow)] * w.rowBytes() + codesAt;
    long w3 = stripRows[Math.min(row + 3, lastRow)] * w.rowBytes() + codesAt;
    long w4 = stripRows[Math.min(row + 4, lastRow)] * w.rowBytes() + codesAt;
    long w5 = stripRows[Math.min(row + 5, lastRow)] * w.rowBytes() + codesAt;
    FloatTensor values = x.values();
    long x0 = values.offset(token, valueCol);
    long x1 = values.offset(Math.min(token + 1, last), valueCol);
    if (last <= token + 1) {
      VectorPackedFew.addTwo(data, w0, w1, w2, w3, w4, w5, values.data(), x0, x1, pairs, tile);
    } else {
      long x2 = values.offset(token + 2, valueCol);
      long x3 = values.offset(Math.min(token + 3, last), valueCol);
      VectorPackedFew.addFour(
          data, w0, w1, w2, w3, w4, w5, values.data(), x0, x1, x2, x3, pairs, tile);
    }
  }

  private void addRows(PackedMatrix w, int rows, ActivationCodes x, int first, int last) {
    LaneGroups groups = w.groups();
    int valueCol = 0;
    long codesAt = w.codesAt();
    for (int group = 0; group < groups.count(); group += GROUPS) {
      int end = Math.min(groups.count(), group + GROUPS);
      decodeScales(w, rows, group, end);
      decode(w, rows, group, end, codesAt);
      int stripCol = 0;
      for (int g = group; g < end; g++) {
        int steps = groups.pairs(g) * 2 * Lanes.COUNT;
        addGroup(g, g - group, rows, x, first, last, valueCol, stripCol, steps);
        valueCol += steps;
        stripCol += steps;
        codesAt += w.codeBytes(groups.pairs(g));
      }
    }
  }

  private void decode(PackedMatrix w, int rows, int group, int end, long codesAt) {
    int pairs = 0;
    for (int g = group; g < end; g++) {
      pairs += w.groups().pairs(g);
    }
    for (int r = 0; r < rows; r++) {
      long at = stripRows[r] * w.rowBytes();
      VectorPackedDecoder.decode(
          w.type(), w.data(), at + codesAt, pairs, strip.data(), strip.offset(r, 0));
    }
  }

  private void decodeScales(PackedMatrix w, int rows, int group, int end) {
    for (int r = 0; r < rows; r++) {
      long at = stripRows[r] * w.rowBytes() + (long) group * PackedMatrix.SCALES_BYTES;
      VectorPackedScales.decode(w.data(), at, end - group, scales.data(), scales.offset(r, 0));
    }
  }

  private void addGroup(
      int group,
      int stripGroup,
      int rows,
      ActivationCodes x,
      int first,
      int last,
      int valueCol,
      int stripCol,
      int steps) {
    if (LENGTH == Lanes.COUNT) {
      addWide(
          strip,
          stripCol,
          scales,
          stripGroup,
          group,
          rows,
          x,
          first,
          last,
          valueCol,
          steps,
          tile,
          sums);
    } else {
      addNarrow(
          strip,
          stripCol,
          scales,
          stripGroup,
          group,
          rows,
          x,
          first,
          last,
          valueCol,
          steps,
          tile,
          sums);
    }
  }

  private void finish(int rows, int first, int last, FloatTensor out) {
    for (int token = first; token <= last; token++) {
      for (int r = 0; r < rows; r += VectorSums.GROUP) {
        int at = (token - first) * TOKEN_SUMS + r * Lanes.COUNT;
        VectorSums.add(sums, at);
        for (int i = 0; i < Math.min(VectorSums.GROUP, rows - r); i++) {
          float dot = sums[at + VectorSums.offset(i)];
          out.data().set(FLOAT, out.offset(token, stripRows[r + i]), dot);
        }
      }
    }
  }

  /** Six rows at a time, all lanes in a vector; rows that are missing give what they give. */
  private static void addWide(
      FloatTensor strip,
      int stripCol,
      FloatTensor scales,
      int stripGroup,
      int group,
      int rows,
      ActivationCodes x,
      int first,
      int last,
      int valueCol,
      int steps,
      float[] tile,
      float[] sums) {
    MemorySegment w = strip.data();
    MemorySegment xs = x.values().data();
    for (int r = 0; r < rows; r += TILE_ROWS) {
      long w0 = strip.offset(r, stripCol);
      long w1 = strip.offset(r + 1, stripCol);
      long w2 = strip.offset(r + 2, stripCol);
      long w3 = strip.offset(r + 3, stripCol);
      long w4 = strip.offset(r + 4, stripCol);
      long w5 = strip.offset(r + 5, stripCol);
      for (int token = first; token <= last; token += TOKENS) {
        long x0 = x.values().offset(token, valueCol);
        long x1 = x.values().offset(Math.min(token + 1, last), valueCol);
        long x2 = x.values().offset(Math.min(token + 2, last), valueCol);
        long x3 = x.values().offset(Math.min(token + 3, last), valueCol);
        int sumsAt = (token - first) * TOKEN_SUMS;
        FloatVector a00 = FloatVector.zero(FLOATS);
        FloatVector a10 = FloatVector.zero(FLOATS);
        FloatVector a20 = FloatVector.zero(FLOATS);
        FloatVector a30 = FloatVector.zero(FLOATS);
        FloatVector a40 = FloatVector.zero(FLOATS);
        FloatVector a50 = FloatVector.zero(FLOATS);
        FloatVector a01 = FloatVector.zero(FLOATS);
        FloatVector a11 = FloatVector.zero(FLOATS);
        FloatVector a21 = FloatVector.zero(FLOATS);
        FloatVector a31 = FloatVector.zero(FLOATS);
        FloatVector a41 = FloatVector.zero(FLOATS);
        FloatVector a51 = FloatVector.zero(FLOATS);
        FloatVector a02 = FloatVector.zero(FLOATS);
        FloatVector a12 = FloatVector.zero(FLOATS);
        FloatVector a22 = FloatVector.zero(FLOATS);
        FloatVector a32 = FloatVector.zero(FLOATS);
        FloatVector a42 = FloatVector.zero(FLOATS);
        FloatVector a52 = FloatVector.zero(FLOATS);
        FloatVector a03 = FloatVector.zero(FLOATS);
        FloatVector a13 = FloatVector.zero(FLOATS);
        FloatVector a23 = FloatVector.zero(FLOATS);
        FloatVector a33 = FloatVector.zero(FLOATS);
        FloatVector a43 = FloatVector.zero(FLOATS);
        FloatVector a53 = FloatVector.zero(FLOATS);
        for (int c = 0; c < steps; c += LENGTH) {
          FloatVector r0 = FloatVector.fromMemorySegment(FLOATS, w, w0 + 4L * c, LITTLE_ENDIAN);
          FloatVector r1 = FloatVector.fromMemorySegment(FLOATS, w, w1 + 4L * c, LITTLE_ENDIAN);
          FloatVector r2 = FloatVector.fromMemorySegment(FLOATS, w, w2 + 4L * c, LITTLE_ENDIAN);
          FloatVector r3 = FloatVector.fromMemorySegment(FLOATS, w, w3 + 4L * c, LITTLE_ENDIAN);
          FloatVector r4 = FloatVector.fromMemorySegment(FLOATS, w, w4 + 4L * c, LITTLE_ENDIAN);
          FloatVector r5 = FloatVector.fromMemorySegment(FLOATS, w, w5 + 4L * c, LITTLE_ENDIAN);
          FloatVector v0 = FloatVector.fromMemorySegment(FLOATS, xs, x0 + 4L * c, LITTLE_ENDIAN);
          a00 = r0.fma(v0, a00);
          a10 = r1.fma(v0, a10);
          a20 = r2.fma(v0, a20);
          a30 = r3.fma(v0, a30);
          a40 = r4.fma(v0, a40);
          a50 = r5.fma(v0, a50);
          FloatVector v1 = FloatVector.fromMemorySegment(FLOATS, xs, x1 + 4L * c, LITTLE_ENDIAN);
          a01 = r0.fma(v1, a01);
          a11 = r1.fma(v1, a11);
          a21 = r2.fma(v1, a21);
          a31 = r3.fma(v1, a31);
          a41 = r4.fma(v1, a41);
          a51 = r5.fma(v1, a51);
          FloatVector v2 = FloatVector.fromMemorySegment(FLOATS, xs, x2 + 4L * c, LITTLE_ENDIAN);
          a02 = r0.fma(v2, a02);
          a12 = r1.fma(v2, a12);
          a22 = r2.fma(v2, a22);
          a32 = r3.fma(v2, a32);
          a42 = r4.fma(v2, a42);
          a52 = r5.fma(v2, a52);
          FloatVector v3 = FloatVector.fromMemorySegment(FLOATS, xs, x3 + 4L * c, LITTLE_ENDIAN);
          a03 = r0.fma(v3, a03);
          a13 = r1.fma(v3, a13);
          a23 = r2.fma(v3, a23);
          a33 = r3.fma(v3, a33);
          a43 = r4.fma(v3, a43);
          a53 = r5.fma(v3, a53);
        }
        a00.intoArray(tile, 0);
        a10.intoArray(tile, 16);
        a20.intoArray(tile, 32);
        a30.intoArray(tile, 48);
        a40.intoArray(tile, 64);
        a50.intoArray(tile, 80);
        a01.intoArray(tile, 96);
        a11.intoArray(tile, 112);
        a21.intoArray(tile, 128);
        a31.intoArray(tile, 144);
        a41.intoArray(tile, 160);
        a51.intoArray(tile, 176);
        a02.intoArray(tile, 192);
        a12.intoArray(tile, 208);
        a22.intoArray(tile, 224);
        a32.intoArray(tile, 240);
        a42.intoArray(tile, 256);
        a52.intoArray(tile, 272);
        a03.intoArray(tile, 288);
        a13.intoArray(tile, 304);
        a23.intoArray(tile, 320);
        a33.intoArray(tile, 336);
        a43.intoArray(tile, 352);
        a53.intoArray(tile, 368);
        addScaledWide(
            tile,
            scales,
            stripGroup,
            r,
            x.scales(),
            group,
            token,
            last,
            sums,
            sumsAt + r * Lanes.COUNT);
      }
    }
  }

  /** Two rows at a time, some lanes after others, with the 16 registers of 256 bits in mind. */
  private static void addNarrow(
      FloatTensor strip,
      int stripCol,
      FloatTensor scales,
      int stripGroup,
      int group,
      int rows,
      ActivationCodes x,
      int first,
      int last,
      int valueCol,
      int steps,
      float[] tile,
      float[] sums) {
    MemorySegment w = strip.data();
    MemorySegment xs = x.values().data();
    for (int token = first; token <= last; token += TOKENS) {
      long x0 = x.values().offset(token, valueCol);
      long x1 = x.values().offset(Math.min(token + 1, last), valueCol);
      long x2 = x.values().offset(Math.min(token + 2, last), valueCol);
      long x3 = x.values().offset(Math.min(token + 3, last), valueCol);
      int sumsAt = (token - first) * TOKEN_SUMS;
      for (int r = 0; r < rows; r += 2) {
        long w0 = strip.offset(r, stripCol);
        long w1 = strip.offset(r + 1, stripCol);
        for (int lane = 0; lane < Lanes.COUNT; lane += LENGTH) {
          FloatVector a00 = FloatVector.zero(FLOATS);
          FloatVector a10 = FloatVector.zero(FLOATS);
          FloatVector a01 = FloatVector.zero(FLOATS);
          FloatVector a11 = FloatVector.zero(FLOATS);
          FloatVector a02 = FloatVector.zero(FLOATS);
          FloatVector a12 = FloatVector.zero(FLOATS);
          FloatVector a03 = FloatVector.zero(FLOATS);
          FloatVector a13 = FloatVector.zero(FLOATS);
          for (int c = lane; c < steps; c += Lanes.COUNT) {
            FloatVector r0 = FloatVector.fromMemorySegment(FLOATS, w, w0 + 4L * c, LITTLE_ENDIAN);
            FloatVector r1 = FloatVector.fromMemorySegment(FLOATS, w, w1 + 4L * c, LITTLE_ENDIAN);
            FloatVector v0 = FloatVector.fromMemorySegment(FLOATS, xs, x0 + 4L * c, LITTLE_ENDIAN);
            a00 = r0.fma(v0, a00);
            a10 = r1.fma(v0, a10);
            FloatVector v1 = FloatVector.fromMemorySegment(FLOATS, xs, x1 + 4L * c, LITTLE_ENDIAN);
            a01 = r0.fma(v1, a01);
            a11 = r1.fma(v1, a11);
            FloatVector v2 = FloatVector.fromMemorySegment(FLOATS, xs, x2 + 4L * c, LITTLE_ENDIAN);
            a02 = r0.fma(v2, a02);
            a12 = r1.fma(v2, a12);
            FloatVector v3 = FloatVector.fromMemorySegment(FLOATS, xs, x3 + 4L * c, LITTLE_ENDIAN);
            a03 = r0.fma(v3, a03);
            a13 = r1.fma(v3, a13);
          }
          a00.intoArray(tile, 0 + lane);
          a10.intoArray(tile, 16 + lane);
          a01.intoArray(tile, 32 + lane);
          a11.intoArray(tile, 48 + lane);
          a02.intoArray(tile, 64 + lane);
          a12.intoArray(tile, 80 + lane);
          a03.intoArray(tile, 96 + lane);
          a13.intoArray(tile, 112 + lane);
        }
        addScaledNarrow(
            tile,
            scales,
            stripGroup,
            r,
            x.scales(),
            group,
            token,
            last,
            sums,
            sumsAt + r * Lanes.COUNT);
      }
    }
  }

  /** Adds a wide tile's sums of a group, times the scales, to those of all groups. */
  private static void addScaledWide(
      float[] tile,
      FloatTensor scales,
      int stripGroup,
      int row,
      FloatTensor xScales,
      int group,
      int token,
      int last,
      float[] sums,
      int sumsAt) {
    MemorySegment ws = scales.data();
    MemorySegment ds = xScales.data();
    long c0 = scales.offset(row, stripGroup * Lanes.COUNT);
    long rowBytes = scales.offset(1, 0);
    FloatVector e0 = FloatVector.fromMemorySegment(FLOATS, ws, c0, LITTLE_ENDIAN);
    FloatVector e1 = FloatVector.fromMemorySegment(FLOATS, ws, c0 + 1 * rowBytes, LITTLE_ENDIAN);
    FloatVector e2 = FloatVector.fromMemorySegment(FLOATS, ws, c0 + 2 * rowBytes, LITTLE_ENDIAN);
    FloatVector e3 = FloatVector.fromMemorySegment(FLOATS, ws, c0 + 3 * rowBytes, LITTLE_ENDIAN);
    FloatVector e4 = FloatVector.fromMemorySegment(FLOATS, ws, c0 + 4 * rowBytes, LITTLE_ENDIAN);
    FloatVector e5 = FloatVector.fromMemorySegment(FLOATS, ws, c0 + 5 * rowBytes, LITTLE_ENDIAN);
    int tokens = Math.min(TOKENS, last - token + 1);
    for (int t = 0; t < tokens; t++) {
      long d = xScales.offset(token + t, group * Lanes.COUNT);
      int from = t * TILE_ROWS * Lanes.COUNT;
      int to = sumsAt + t * TOKEN_SUMS;
      FloatVector v = FloatVector.fromMemorySegment(FLOATS, ds, d, LITTLE_ENDIAN);
      FloatVector.fromArray(FLOATS, tile, from)
          .fma(e0.mul(v), FloatVector.fromArray(FLOATS, sums, to))
          .intoArray(sums, to);
      FloatVector.fromArray(FLOATS, tile, from + 16)
          .fma(e1.mul(v), FloatVector.fromArray(FLOATS, sums, to + 16))
          .intoArray(sums, to + 16);
      FloatVector.fromArray(FLOATS, tile, from + 32)
          .fma(e2.mul(v), FloatVector.fromArray(FLOATS, sums, to + 32))
          .intoArray(sums, to + 32);
      FloatVector.fromArray(FLOATS, tile, from + 48)
          .fma(e3.mul(v), FloatVector.fromArray(FLOATS, sums, to + 48))
          .intoArray(sums, to + 48);
      FloatVector.fromArray(FLOATS, tile, from + 64)
          .fma(e4.mul(v), FloatVector.fromArray(FLOATS, sums, to + 64))
          .intoArray(sums, to + 64);
      FloatVector.fromArray(FLOATS, tile, from + 80)
          .fma(e5.mul(v), FloatVector.fromArray(FLOATS, sums, to + 80))
          .intoArray(sums, to + 80);
    }
  }

  /** The same for a narrow tile, of two rows. */
  private static void addScaledNarrow(
      float[] tile,
      FloatTensor scales,
      int stripGroup,
      int row,
      FloatTensor xScales,
      int group,
      int token,
      int last,
      float[] sums,
      int sumsAt) {
    MemorySegment ws = scales.data();
    MemorySegment ds = xScales.data();
    long c0 = scales.offset(row, stripGroup * Lanes.COUNT);
    long c1 = scales.offset(row + 1, stripGroup * Lanes.COUNT);
    for (int t = 0; t < TOKENS; t++) {
      long d = xScales.offset(Math.min(token + t, last), group * Lanes.COUNT);
      for (int lane = 0; lane < Lanes.COUNT; lane += LENGTH) {
        int from = t * 2 * Lanes.COUNT + lane;
        int to = sumsAt + t * TOKEN_SUMS + lane;
        FloatVector v = FloatVector.fromMemorySegment(FLOATS, ds, d + 4L * lane, LITTLE_ENDIAN);
        FloatVector.fromArray(FLOATS, tile, from)
            .fma(
                FloatVector.fromMemorySegment(FLOATS, ws, c0 + 4L * lane, LITTLE_ENDIAN).mul(v),
                FloatVector.fromArray(FLOATS, sums, to))
            .intoArray(sums, to);
        FloatVector.fromArray(FLOATS, tile, from + 16)
            .fma(
                FloatVector.fromMemorySegment(FLOATS, ws, c1 + 4L * lane, LITTLE_ENDIAN).mul(v),
                FloatVector.fromArray(FLOATS, sums, to + 16))
            .intoArray(sums, to + 16);
      }
    }
  }
}
