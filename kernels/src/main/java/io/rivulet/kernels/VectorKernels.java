package io.rivulet.kernels;

import static io.rivulet.kernels.FloatTensor.FLOAT;
import static io.rivulet.kernels.VectorWidth.FLOATS;
import static io.rivulet.kernels.VectorWidth.LENGTH;
import static java.nio.ByteOrder.LITTLE_ENDIAN;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The implementation by the Vector API, in the width of {@link VectorWidth}. What is left of a row
 * after whole vectors goes through the same scalar functions as in {@link ScalarKernels}.
 */
final class VectorKernels extends CheckedKernels {

  private static final int SUMS = 8;

  /** Tokens that want a neuron's row, on average, from where on it is decoded once for all. */
  private static final long SHARED = 2;

  private final ThreadLocal<float[]> sums =
      ThreadLocal.withInitial(() -> new float[SUMS * Lanes.COUNT]);
  private final ThreadLocal<RowsInFlight> rowsInFlight = ThreadLocal.withInitial(RowsInFlight::new);
  private final ThreadLocal<VectorStrips> strips = ThreadLocal.withInitial(VectorStrips::new);
  private final ThreadLocal<VectorTiles> tiles = ThreadLocal.withInitial(VectorTiles::new);
  private final ThreadLocal<VectorPackedTiles> packedTiles =
      ThreadLocal.withInitial(VectorPackedTiles::new);
  private final ThreadLocal<VectorQuantizer> quantizers =
      ThreadLocal.withInitial(VectorQuantizer::new);
  private final ThreadLocal<VectorLaneRows> laneRows = ThreadLocal.withInitial(VectorLaneRows::new);
  private final ThreadLocal<VectorSparseSums> sparseSums =
      ThreadLocal.withInitial(VectorSparseSums::new);
  private final ThreadLocal<VectorRowSums> rowSums = ThreadLocal.withInitial(VectorRowSums::new);

  @Override
  public String name() {
    return "vector" + FLOATS.vectorBitSize();
  }

  @Override
  void multiplyOne(Matrix w, FloatTensor x, int token, FloatTensor out, int rowFrom, int rowTo) {
    if (RowsInFlight.serves(w.type())) {
      rowsInFlight.get().multiply(w, x, token, out, rowFrom, rowTo);
    } else if (!WideProducts.multiplyOne(w, x, token, out, rowFrom, rowTo, sums.get())) {
      strips.get().multiplyOne(w, x, token, out, rowFrom, rowTo);
    }
  }

  @Override
  void multiplySome(
      Matrix w, FloatTensor x, int token, int[] ids, int idFrom, int idTo, FloatTensor out) {
    if (RowsInFlight.serves(w.type())) {
      rowsInFlight.get().multiply(w, x, token, ids, idFrom, idTo, out);
      return;
    }
    int i = idFrom;
    while (i < idTo) {
      int first = ids[i++];
      int end = first + 1;
      while (i < idTo && ids[i] == end) {
        end++;
        i++;
      }
      multiplyOne(w, x, token, out, first, end);
    }
  }

  @Override
  void multiplyMany(Matrix w, FloatTensor x, int count, FloatTensor out, int rowFrom, int rowTo) {
    tiles.get().multiply(w, x, count, out, rowFrom, rowTo);
  }

  @Override
  void quantizeRow(FloatTensor x, int token, ActivationCodes codes) {
    quantizers.get().quantize(x, token, codes);
  }

  @Override
  void multiplyOne(
      PackedMatrix w, ActivationCodes x, int token, FloatTensor out, int rowFrom, int rowTo) {
    rowsInFlight.get().multiply(w, x, token, out, rowFrom, rowTo);
  }

  @Override
  void multiplySome(
      PackedMatrix w,
      ActivationCodes x,
      int token,
      int[] ids,
      int idFrom,
      int idTo,
      FloatTensor out) {
    rowsInFlight.get().multiply(w, x, token, ids, idFrom, idTo, out);
  }

  @Override
  void multiplyMany(
      PackedMatrix w, ActivationCodes x, int count, FloatTensor out, int rowFrom, int rowTo) {
    packedTiles.get().multiply(w, x, count, out, rowFrom, rowTo);
  }

  @Override
  void multiplyShared(
      Matrix w, FloatTensor x, int count, int[] ids, int idFrom, int idTo, FloatTensor out) {
    tiles.get().multiply(w, x, count, ids, idFrom, idTo, out);
  }

  @Override
  void multiplyShared(
      PackedMatrix w,
      ActivationCodes x,
      int count,
      int[] ids,
      int idFrom,
      int idTo,
      FloatTensor out) {
    packedTiles.get().multiply(w, x, count, ids, idFrom, idTo, out);
  }

  /** Rows that some tokens share are decoded once for all. */
  @Override
  void accumulate(
      NeuronRows w,
      FloatTensor activations,
      int count,
      int[][] ids,
      int[] idCounts,
      FloatTensor out,
      int from,
      int to) {
    long active = 0;
    for (int token = 0; token < count; token++) {
      active += idCounts[token];
      ScalarKernels.zero(out.data(), out.offset(token, 0), from, to);
    }
    if (count == 1 || active < SHARED * w.rows()) {
      sparseSums.get().accumulate(w, activations, count, ids, idCounts, out, from, to);
      return;
    }
    int end = from + (to - from) / CodeType.STEP * CodeType.STEP;
    rowSums.get().accumulate(w, activations, count, ids, idCounts, out, from, end);
    for (int token = 0; end < to && token < count; token++) {
      ScalarKernels.accumulateRows(
          w, activations, token, ids[token], 0, idCounts[token], out, end, to);
    }
  }

  @Override
  int findNonZero(FloatTensor x, int token, int from, int to, int[] ids, int idStart) {
    return VectorCompaction.nonZero(x, token, from, to, ids, idStart);
  }

  @Override
  int findAbove(
      FloatTensor x,
      int token,
      int from,
      int to,
      FloatTensor thresholds,
      int row,
      int[] ids,
      int idStart) {
    return VectorCompaction.above(x, token, from, to, thresholds, row, ids, idStart);
  }

  @Override
  int findPositive(FloatTensor x, int token, int from, int to, int[] ids, int idStart) {
    return VectorCompaction.positive(x, token, from, to, ids, idStart);
  }

  @Override
  void scoreRows(LaneRows w, FloatTensor x, int token, FloatTensor out, int from, int to) {
    laneRows.get().score(w, x, token, out, from, to);
  }

  @Override
  void normalise(
      FloatTensor x,
      int token,
      int column,
      FloatTensor weight,
      FloatTensor bias,
      float epsilon,
      FloatTensor out) {
    int n = weight.cols();
    MemorySegment xs = x.data();
    MemorySegment ys = out.data();
    long xAt = x.offset(token, column);
    long yAt = out.offset(token, column);
    float mean = sum(xs, xAt, n) / n;
    float inverse = 1 / (float) Math.sqrt(sumOfSquares(xs, xAt, n, mean) / n + epsilon);
    int end = n / LENGTH * LENGTH;
    for (int i = 0; i < end; i += LENGTH) {
      FloatVector.fromMemorySegment(FLOATS, xs, xAt + 4L * i, LITTLE_ENDIAN)
          .sub(mean)
          .mul(inverse)
          .fma(
              FloatVector.fromMemorySegment(FLOATS, weight.data(), 4L * i, LITTLE_ENDIAN),
              FloatVector.fromMemorySegment(FLOATS, bias.data(), 4L * i, LITTLE_ENDIAN))
          .intoMemorySegment(ys, yAt + 4L * i, LITTLE_ENDIAN);
    }
    for (int i = end; i < n; i++) {
      float centred = (xs.get(FLOAT, xAt + 4L * i) - mean) * inverse;
      float scaled = Math.fma(centred, weight.get(0, i), bias.get(0, i));
      ys.set(FLOAT, yAt + 4L * i, scaled);
    }
  }

  @Override
  void normaliseByRootMeanSquare(
      FloatTensor x, int token, int column, FloatTensor weight, float epsilon, FloatTensor out) {
    int n = weight.cols();
    MemorySegment xs = x.data();
    MemorySegment ys = out.data();
    long xAt = x.offset(token, column);
    long yAt = out.offset(token, column);
    float inverse = 1 / (float) Math.sqrt(sumOfSquares(xs, xAt, n, 0) / n + epsilon);
    int end = n / LENGTH * LENGTH;
    for (int i = 0; i < end; i += LENGTH) {
      FloatVector.fromMemorySegment(FLOATS, xs, xAt + 4L * i, LITTLE_ENDIAN)
          .mul(inverse)
          .mul(FloatVector.fromMemorySegment(FLOATS, weight.data(), 4L * i, LITTLE_ENDIAN))
          .intoMemorySegment(ys, yAt + 4L * i, LITTLE_ENDIAN);
    }
    for (int i = end; i < n; i++) {
      ys.set(FLOAT, yAt + 4L * i, xs.get(FLOAT, xAt + 4L * i) * inverse * weight.get(0, i));
    }
  }

  private float sum(MemorySegment xs, long at, int n) {
    float[] scratch = sums.get();
    int even = Lanes.evenPart(n);
    for (int lane = 0; lane < Lanes.COUNT; lane += LENGTH) {
      FloatVector partial = FloatVector.zero(FLOATS);
      for (int i = lane; i < even; i += Lanes.COUNT) {
        partial =
            partial.add(FloatVector.fromMemorySegment(FLOATS, xs, at + 4L * i, LITTLE_ENDIAN));
      }
      partial.intoArray(scratch, lane);
    }
    float sum = Lanes.sum(scratch, 0);
    for (int i = even; i < n; i++) {
      sum += xs.get(FLOAT, at + 4L * i);
    }
    return sum;
  }

  private float sumOfSquares(MemorySegment xs, long at, int n, float mean) {
    float[] scratch = sums.get();
    int even = Lanes.evenPart(n);
    for (int lane = 0; lane < Lanes.COUNT; lane += LENGTH) {
      FloatVector partial = FloatVector.zero(FLOATS);
      for (int i = lane; i < even; i += Lanes.COUNT) {
        FloatVector centred =
            FloatVector.fromMemorySegment(FLOATS, xs, at + 4L * i, LITTLE_ENDIAN).sub(mean);
        partial = centred.fma(centred, partial);
      }
      partial.intoArray(scratch, lane);
    }
    float sum = Lanes.sum(scratch, 0);
    for (int i = even; i < n; i++) {
      float centred = xs.get(FLOAT, at + 4L * i) - mean;
      sum = Math.fma(centred, centred, sum);
    }
    return sum;
  }

  @Override
  void rotateHalves(
      FloatTensor x, int token, int column, int dims, FloatTensor rotations, int row) {
    MemorySegment xs = x.data();
    MemorySegment table = rotations.data();
    int half = dims / 2;
    long lowAt = x.offset(token, column);
    long highAt = x.offset(token, column + half);
    long cosAt = rotations.offset(row, 0);
    long sinAt = rotations.offset(row, half);
    int end = half / LENGTH * LENGTH;
    for (int i = 0; i < end; i += LENGTH) {
      FloatVector cos = FloatVector.fromMemorySegment(FLOATS, table, cosAt + 4L * i, LITTLE_ENDIAN);
      FloatVector sin = FloatVector.fromMemorySegment(FLOATS, table, sinAt + 4L * i, LITTLE_ENDIAN);
      FloatVector a = FloatVector.fromMemorySegment(FLOATS, xs, lowAt + 4L * i, LITTLE_ENDIAN);
      FloatVector b = FloatVector.fromMemorySegment(FLOATS, xs, highAt + 4L * i, LITTLE_ENDIAN);
      a.fma(cos, b.mul(sin).neg()).intoMemorySegment(xs, lowAt + 4L * i, LITTLE_ENDIAN);
      a.fma(sin, b.mul(cos)).intoMemorySegment(xs, highAt + 4L * i, LITTLE_ENDIAN);
    }
    for (int i = end; i < half; i++) {
      rotate(x, token, column + i, column + half + i, rotations, row, i, half);
    }
  }

  @Override
  float largest(FloatTensor x, int token, int from, int to) {
    return VectorMaximum.of(x.data(), x.offset(token, from), to - from);
  }

  @Override
  void exponentials(FloatTensor x, int token, int from, int to, float largest) {
    MemorySegment xs = x.data();
    long at = x.offset(token, 0);
    int end = from + (to - from) / LENGTH * LENGTH;
    for (int c = from; c < end; c += LENGTH) {
      FloatVector v =
          FloatVector.fromMemorySegment(FLOATS, xs, at + 4L * c, LITTLE_ENDIAN)
              .sub(largest)
              .min(Exponential.LIMIT)
              .max(-Exponential.LIMIT);
      FloatVector rounded =
          FloatVector.broadcast(FLOATS, Exponential.LOG2_E)
              .fma(v, FloatVector.broadcast(FLOATS, Exponential.ROUNDER));
      FloatVector n = rounded.sub(Exponential.ROUNDER);
      FloatVector r = n.fma(FloatVector.broadcast(FLOATS, -Exponential.LN2_HIGH), v);
      r = n.fma(FloatVector.broadcast(FLOATS, -Exponential.LN2_LOW), r);
      FloatVector p =
          r.fma(
              FloatVector.broadcast(FLOATS, Exponential.C7),
              FloatVector.broadcast(FLOATS, Exponential.C6));
      p = p.fma(r, FloatVector.broadcast(FLOATS, Exponential.C5));
      p = p.fma(r, FloatVector.broadcast(FLOATS, Exponential.C4));
      p = p.fma(r, FloatVector.broadcast(FLOATS, Exponential.C3));
      p = p.fma(r, FloatVector.broadcast(FLOATS, Exponential.C2));
      p = p.fma(r, FloatVector.broadcast(FLOATS, 1f));
      p = p.fma(r, FloatVector.broadcast(FLOATS, 1f));
      FloatVector power =
          rounded
              .reinterpretAsInts()
              .lanewise(VectorOperators.LSHL, Exponential.EXPONENT_SHIFT)
              .add(Exponential.ONE_BITS)
              .reinterpretAsFloats();
      p.mul(power).intoMemorySegment(xs, at + 4L * c, LITTLE_ENDIAN);
    }
    for (int c = end; c < to; c++) {
      x.set(token, c, Exponential.exp(x.get(token, c) - largest));
    }
  }

  @Override
  float sum(FloatTensor x, int token, int from, int to) {
    return sum(x.data(), x.offset(token, from), to - from);
  }

  @Override
  void loadHalves(MemorySegment from, long at, int count, MemorySegment to, long toAt) {
    VectorKeyValues.loadHalves(from, at, count, to, toAt);
  }

  @Override
  void loadKeyCodes(MemorySegment from, long at, int headSize, MemorySegment to, long toAt) {
    VectorKeyValues.loadKeyCodes(from, at, headSize, to, toAt);
  }

  @Override
  void loadValueCodes(MemorySegment from, long at, int headSize, MemorySegment to, long toAt) {
    VectorKeyValues.loadValueCodes(from, at, headSize, to, toAt);
  }

  @Override
  void scoreBlock(
      MemorySegment keys,
      long keysAt,
      int headSize,
      MemorySegment queries,
      long q0,
      long q1,
      long q2,
      long q3,
      float scale,
      FloatTensor scores,
      int column) {
    VectorAttention.scoreBlock(
        keys, keysAt, headSize, queries, q0, q1, q2, q3, scale, scores, column);
  }

  @Override
  void mixFour(
      MemorySegment values,
      long valuesAt,
      int headSize,
      int positions,
      FloatTensor weights,
      int column,
      int last,
      MemorySegment ys,
      long y0,
      long y1,
      long y2,
      long y3) {
    int done =
        VectorAttention.mixFour(
            values, valuesAt, headSize, positions, weights, column, last, ys, y0, y1, y2, y3);
    if (done == headSize) {
      return;
    }
    for (int i = 0; i <= last; i++) {
      long y = i == 0 ? y0 : i == 1 ? y1 : i == 2 ? y2 : y3;
      long w = weights.offset(i, column);
      VectorAttention.mixOne(values, valuesAt, done, headSize, positions, weights.data(), w, ys, y);
    }
  }

  @Override
  void mixOne(
      MemorySegment values,
      long valuesAt,
      int headSize,
      int positions,
      FloatTensor weights,
      int weightsRow,
      int column,
      MemorySegment ys,
      long y) {
    long w = weights.offset(weightsRow, column);
    VectorAttention.mixOne(values, valuesAt, 0, headSize, positions, weights.data(), w, ys, y);
  }

  @Override
  void silu(FloatTensor x, int token, int from, int to) {
    int done = VectorActivations.gate(x, token, from, to, false);
    for (int c = done; c < to; c++) {
      x.set(token, c, ScalarKernels.silu(x.get(token, c)));
    }
  }

  @Override
  void gelu(FloatTensor x, int token, int from, int to) {
    int done = VectorActivations.gate(x, token, from, to, true);
    for (int c = done; c < to; c++) {
      x.set(token, c, ScalarKernels.gelu(x.get(token, c)));
    }
  }

  @Override
  void geluErf(FloatTensor x, int token, int from, int to) {
    int done = VectorActivations.geluErf(x, token, from, to);
    for (int c = done; c < to; c++) {
      x.set(token, c, ScalarKernels.geluErf(x.get(token, c)));
    }
  }

  @Override
  void rectifyRange(FloatTensor x, int token, int from, int to, float threshold) {
    MemorySegment xs = x.data();
    long at = x.offset(token, 0);
    int end = from + (to - from) / LENGTH * LENGTH;
    for (int c = from; c < end; c += LENGTH) {
      FloatVector v = FloatVector.fromMemorySegment(FLOATS, xs, at + 4L * c, LITTLE_ENDIAN);
      v.blend(0f, v.compare(VectorOperators.LE, threshold))
          .intoMemorySegment(xs, at + 4L * c, LITTLE_ENDIAN);
    }
    for (int c = end; c < to; c++) {
      x.set(token, c, ScalarKernels.rectify(x.get(token, c), threshold));
    }
  }

  @Override
  void reluSquared(FloatTensor x, int token, int from, int to) {
    MemorySegment xs = x.data();
    long at = x.offset(token, 0);
    int end = from + (to - from) / LENGTH * LENGTH;
    for (int c = from; c < end; c += LENGTH) {
      FloatVector positive =
          FloatVector.fromMemorySegment(FLOATS, xs, at + 4L * c, LITTLE_ENDIAN).max(0f);
      positive.mul(positive).intoMemorySegment(xs, at + 4L * c, LITTLE_ENDIAN);
    }
    for (int c = end; c < to; c++) {
      float positive = Math.max(x.get(token, c), 0);
      x.set(token, c, positive * positive);
    }
  }

  @Override
  void addRow(FloatTensor x, int token, FloatTensor y, int yRow, int from, int to) {
    MemorySegment xs = x.data();
    MemorySegment ys = y.data();
    long at = x.offset(token, 0);
    long yAt = y.offset(yRow, 0);
    int end = from + (to - from) / LENGTH * LENGTH;
    for (int c = from; c < end; c += LENGTH) {
      FloatVector.fromMemorySegment(FLOATS, xs, at + 4L * c, LITTLE_ENDIAN)
          .add(FloatVector.fromMemorySegment(FLOATS, ys, yAt + 4L * c, LITTLE_ENDIAN))
          .intoMemorySegment(xs, at + 4L * c, LITTLE_ENDIAN);
    }
    for (int c = end; c < to; c++) {
      x.set(token, c, x.get(token, c) + y.get(yRow, c));
    }
  }

  @Override
  void multiplyRow(FloatTensor x, FloatTensor y, int token, int from, int to) {
    MemorySegment xs = x.data();
    MemorySegment ys = y.data();
    long at = x.offset(token, 0);
    long yAt = y.offset(token, 0);
    int end = from + (to - from) / LENGTH * LENGTH;
    for (int c = from; c < end; c += LENGTH) {
      FloatVector.fromMemorySegment(FLOATS, xs, at + 4L * c, LITTLE_ENDIAN)
          .mul(FloatVector.fromMemorySegment(FLOATS, ys, yAt + 4L * c, LITTLE_ENDIAN))
          .intoMemorySegment(xs, at + 4L * c, LITTLE_ENDIAN);
    }
    for (int c = end; c < to; c++) {
      x.set(token, c, x.get(token, c) * y.get(token, c));
    }
  }

  @Override
  void scaleRange(FloatTensor x, int token, int from, int to, float factor) {
    MemorySegment xs = x.data();
    long at = x.offset(token, 0);
    int end = from + (to - from) / LENGTH * LENGTH;
    for (int c = from; c < end; c += LENGTH) {
      FloatVector.fromMemorySegment(FLOATS, xs, at + 4L * c, LITTLE_ENDIAN)
          .mul(factor)
          .intoMemorySegment(xs, at + 4L * c, LITTLE_ENDIAN);
    }
    for (int c = end; c < to; c++) {
      x.set(token, c, x.get(token, c) * factor);
    }
  }

  @Override
  void softCapRange(FloatTensor x, int token, int from, int to, float cap) {
    int done = VectorActivations.softCap(x, token, from, to, cap);
    for (int c = done; c < to; c++) {
      x.set(token, c, ScalarKernels.softCap(x.get(token, c), cap));
    }
  }
}
