package io.rivulet.kernels;

import static io.rivulet.kernels.FloatTensor.FLOAT;
import static io.rivulet.kernels.WeightCodec.bfloat16;
import static io.rivulet.kernels.WeightCodec.float16;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The twin without vectors: the reference for the others, and what runs where the Vector API does
 * not. Written for clarity; the order of operations is the contract.
 */
final class ScalarKernels extends CheckedKernels {

  /** -2 sqrt(2 / pi), of GELU's tanh form. */
  static final float GELU_SLOPE = -1.5957692f;

  static final float GELU_CUBIC = 0.044715f;

  private final ThreadLocal<float[]> lanes = ThreadLocal.withInitial(() -> new float[Lanes.COUNT]);
  private final ThreadLocal<int[]> quantized =
      ThreadLocal.withInitial(() -> new int[LaneGroups.BLOCK]);
  private final ThreadLocal<int[]> laneCodes =
      ThreadLocal.withInitial(() -> new int[LaneRows.MOST_COLS]);
  private final ThreadLocal<FloatTensor> block =
      ThreadLocal.withInitial(() -> FloatTensor.allocate(Arena.ofAuto(), 1, KQuants.SIZE));

  @Override
  public String name() {
    return "scalar";
  }

  @Override
  void multiplyOne(Matrix w, FloatTensor x, int token, FloatTensor out, int rowFrom, int rowTo) {
    float[] sums = lanes.get();
    MemorySegment data = w.data();
    MemorySegment xs = x.data();
    long xAt = x.offset(token, 0);
    for (int r = rowFrom; r < rowTo; r++) {
      long row = r * w.rowBytes();
      float dot =
          switch (w.type()) {
            case F32 -> dotF32(data, row, xs, xAt, w.cols(), sums);
            case F16 -> dotF16(data, row, xs, xAt, w.cols(), sums);
            case BF16 -> dotBf16(data, row, xs, xAt, w.cols(), sums);
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
                dotBlocks(w.type(), data, row, xs, xAt, w.cols(), sums);
          };
      out.data().set(FLOAT, out.offset(token, r), dot);
    }
  }

  @Override
  void multiplyMany(Matrix w, FloatTensor x, int count, FloatTensor out, int rowFrom, int rowTo) {
    for (int token = 0; token < count; token++) {
      multiplyOne(w, x, token, out, rowFrom, rowTo);
    }
  }

  @Override
  void quantizeRow(FloatTensor x, int token, ActivationCodes codes) {
    ScalarPacked.quantize(x, token, codes, quantized.get());
  }

  @Override
  void multiplyOne(
      PackedMatrix w, ActivationCodes x, int token, FloatTensor out, int rowFrom, int rowTo) {
    ScalarPacked.multiplyOne(w, x, token, out, rowFrom, rowTo, lanes.get());
  }

  @Override
  void multiplyMany(
      PackedMatrix w, ActivationCodes x, int count, FloatTensor out, int rowFrom, int rowTo) {
    for (int token = 0; token < count; token++) {
      multiplyOne(w, x, token, out, rowFrom, rowTo);
    }
  }

  @Override
  void multiplySome(
      Matrix w, FloatTensor x, int token, int[] ids, int idFrom, int idTo, FloatTensor out) {
    for (int i = idFrom; i < idTo; i++) {
      multiplyOne(w, x, token, out, ids[i], ids[i] + 1);
    }
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
    for (int i = idFrom; i < idTo; i++) {
      multiplyOne(w, x, token, out, ids[i], ids[i] + 1);
    }
  }

  @Override
  void multiplyShared(
      Matrix w, FloatTensor x, int count, int[] ids, int idFrom, int idTo, FloatTensor out) {
    for (int token = 0; token < count; token++) {
      multiplySome(w, x, token, ids, idFrom, idTo, out);
    }
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
    for (int token = 0; token < count; token++) {
      multiplySome(w, x, token, ids, idFrom, idTo, out);
    }
  }

  static float dotF32(
      MemorySegment w, long row, MemorySegment x, long xAt, int cols, float[] sums) {
    clear(sums);
    int even = Lanes.evenPart(cols);
    for (int c = 0; c < even; c += Lanes.COUNT) {
      long wAt = row + 4L * c;
      long at = xAt + 4L * c;
      for (int l = 0; l < Lanes.COUNT; l++) {
        sums[l] = Math.fma(w.get(FLOAT, wAt + 4L * l), x.get(FLOAT, at + 4L * l), sums[l]);
      }
    }
    float sum = Lanes.sum(sums, 0);
    for (int c = even; c < cols; c++) {
      sum = Math.fma(w.get(FLOAT, row + 4L * c), x.get(FLOAT, xAt + 4L * c), sum);
    }
    return sum;
  }

  private static float dotF16(
      MemorySegment w, long row, MemorySegment x, long xAt, int cols, float[] sums) {
    clear(sums);
    int even = Lanes.evenPart(cols);
    for (int c = 0; c < even; c += Lanes.COUNT) {
      long wAt = row + 2L * c;
      long at = xAt + 4L * c;
      for (int l = 0; l < Lanes.COUNT; l++) {
        sums[l] = Math.fma(float16(w, wAt + 2L * l), x.get(FLOAT, at + 4L * l), sums[l]);
      }
    }
    float sum = Lanes.sum(sums, 0);
    for (int c = even; c < cols; c++) {
      sum = Math.fma(float16(w, row + 2L * c), x.get(FLOAT, xAt + 4L * c), sum);
    }
    return sum;
  }

  private static float dotBf16(
      MemorySegment w, long row, MemorySegment x, long xAt, int cols, float[] sums) {
    clear(sums);
    int even = Lanes.evenPart(cols);
    for (int c = 0; c < even; c += Lanes.COUNT) {
      long wAt = row + 2L * c;
      long at = xAt + 4L * c;
      for (int l = 0; l < Lanes.COUNT; l++) {
        sums[l] = Math.fma(bfloat16(w, wAt + 2L * l), x.get(FLOAT, at + 4L * l), sums[l]);
      }
    }
    float sum = Lanes.sum(sums, 0);
    for (int c = even; c < cols; c++) {
      sum = Math.fma(bfloat16(w, row + 2L * c), x.get(FLOAT, xAt + 4L * c), sum);
    }
    return sum;
  }

  /** Blocks are decoded one at a time; their size is a multiple of 16. */
  private float dotBlocks(
      WeightType type,
      MemorySegment w,
      long row,
      MemorySegment x,
      long xAt,
      int cols,
      float[] sums) {
    clear(sums);
    MemorySegment decoded = block.get().data();
    for (int b = 0; b < cols / type.blockSize(); b++) {
      WeightCodec.decode(type, w, row + (long) b * type.bytesPerBlock(), 1, decoded, 0);
      for (int c = 0; c < type.blockSize(); c += Lanes.COUNT) {
        long at = xAt + 4L * (b * type.blockSize() + c);
        for (int l = 0; l < Lanes.COUNT; l++) {
          float weight = decoded.get(FLOAT, 4L * (c + l));
          sums[l] = Math.fma(weight, x.get(FLOAT, at + 4L * l), sums[l]);
        }
      }
    }
    return Lanes.sum(sums, 0);
  }

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
    for (int token = 0; token < count; token++) {
      zero(out.data(), out.offset(token, 0), from, to);
      accumulateRows(w, activations, token, ids[token], 0, idCounts[token], out, from, to);
    }
  }

  /** Adds one token's rows. */
  static void accumulateRows(
      NeuronRows w,
      FloatTensor activations,
      int token,
      int[] ids,
      int idFrom,
      int idTo,
      FloatTensor out,
      int from,
      int to) {
    MemorySegment y = out.data();
    long yAt = out.offset(token, 0);
    for (int i = idFrom; i < idTo; i++) {
      float a = activations.get(token, ids[i]);
      switch (w) {
        case Matrix rows -> {
          long row = ids[i] * rows.rowBytes();
          accumulateRow(rows.type(), rows.data(), row, a, y, yAt, from, to);
        }
        case CodedRows rows -> accumulateRow(rows, ids[i], a, y, yAt, from, to);
      }
    }
  }

  private static void accumulateRow(
      CodedRows w, int row, float a, MemorySegment y, long yAt, int from, int to) {
    for (int c = from; c < to; c++) {
      long at = yAt + 4L * c;
      y.set(FLOAT, at, Math.fma(a, w.weight(row, c), y.get(FLOAT, at)));
    }
  }

  /** {@code y[c] = fma(a, w[c], y[c])}. */
  private static void accumulateRow(
      WeightType type,
      MemorySegment w,
      long row,
      float a,
      MemorySegment y,
      long yAt,
      int from,
      int to) {
    for (int c = from; c < to; c++) {
      long at = yAt + 4L * c;
      float sum = y.get(FLOAT, at);
      float next =
          switch (type) {
            case F32 -> Math.fma(a, w.get(FLOAT, row + 4L * c), sum);
            case F16 -> Math.fma(a, float16(w, row + 2L * c), sum);
            case BF16 -> Math.fma(a, bfloat16(w, row + 2L * c), sum);
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
                throw noRowSums(type);
          };
      y.set(FLOAT, at, next);
    }
  }

  @Override
  int findNonZero(FloatTensor x, int token, int from, int to, int[] ids, int idStart) {
    return ScalarCompaction.nonZero(x, token, from, to, ids, idStart);
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
    return ScalarCompaction.above(x, token, from, to, thresholds, row, ids, idStart);
  }

  @Override
  int findPositive(FloatTensor x, int token, int from, int to, int[] ids, int idStart) {
    return ScalarCompaction.positive(x, token, from, to, ids, idStart);
  }

  @Override
  void scoreRows(LaneRows w, FloatTensor x, int token, FloatTensor out, int from, int to) {
    ScalarLaneRows.score(w, x, token, out, from, to, laneCodes.get());
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
    float[] sums = lanes.get();
    float mean = sum(x, token, column, n, sums) / n;
    float inverse =
        1 / (float) Math.sqrt(sumOfSquares(x, token, column, n, mean, sums) / n + epsilon);
    for (int i = 0; i < n; i++) {
      float centred = (x.get(token, column + i) - mean) * inverse;
      out.set(token, column + i, Math.fma(centred, weight.get(0, i), bias.get(0, i)));
    }
  }

  @Override
  void normaliseByRootMeanSquare(
      FloatTensor x, int token, int column, FloatTensor weight, float epsilon, FloatTensor out) {
    int n = weight.cols();
    float square = sumOfSquares(x, token, column, n, 0, lanes.get());
    float inverse = 1 / (float) Math.sqrt(square / n + epsilon);
    for (int i = 0; i < n; i++) {
      out.set(token, column + i, x.get(token, column + i) * inverse * weight.get(0, i));
    }
  }

  private static float sum(FloatTensor x, int token, int column, int n, float[] sums) {
    clear(sums);
    int even = Lanes.evenPart(n);
    for (int i = 0; i < even; i++) {
      sums[i % Lanes.COUNT] += x.get(token, column + i);
    }
    float sum = Lanes.sum(sums, 0);
    for (int i = even; i < n; i++) {
      sum += x.get(token, column + i);
    }
    return sum;
  }

  private static float sumOfSquares(
      FloatTensor x, int token, int column, int n, float mean, float[] sums) {
    clear(sums);
    int even = Lanes.evenPart(n);
    for (int i = 0; i < even; i++) {
      float centred = x.get(token, column + i) - mean;
      sums[i % Lanes.COUNT] = Math.fma(centred, centred, sums[i % Lanes.COUNT]);
    }
    float sum = Lanes.sum(sums, 0);
    for (int i = even; i < n; i++) {
      float centred = x.get(token, column + i) - mean;
      sum = Math.fma(centred, centred, sum);
    }
    return sum;
  }

  @Override
  void rotateHalves(
      FloatTensor x, int token, int column, int dims, FloatTensor rotations, int row) {
    int half = dims / 2;
    for (int i = 0; i < half; i++) {
      rotate(x, token, column + i, column + half + i, rotations, row, i, half);
    }
  }

  @Override
  float largest(FloatTensor x, int token, int from, int to) {
    float largest = x.get(token, from);
    for (int c = from + 1; c < to; c++) {
      largest = Math.max(largest, x.get(token, c));
    }
    return largest;
  }

  @Override
  void exponentials(FloatTensor x, int token, int from, int to, float largest) {
    for (int c = from; c < to; c++) {
      x.set(token, c, Exponential.exp(x.get(token, c) - largest));
    }
  }

  @Override
  float sum(FloatTensor x, int token, int from, int to) {
    return sum(x, token, from, to - from, lanes.get());
  }

  @Override
  void loadHalves(MemorySegment from, long at, int count, MemorySegment to, long toAt) {
    KeyValueCodec.loadHalves(from, at, count, to, toAt);
  }

  @Override
  void loadKeyCodes(MemorySegment from, long at, int headSize, MemorySegment to, long toAt) {
    KeyValueCodec.loadKeyCodes(from, at, headSize, to, toAt);
  }

  @Override
  void loadValueCodes(MemorySegment from, long at, int headSize, MemorySegment to, long toAt) {
    KeyValueCodec.loadValueCodes(from, at, headSize, to, toAt);
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
    scoreBlock(keys, keysAt, headSize, queries, q0, scale, scores, 0, column);
    scoreBlock(keys, keysAt, headSize, queries, q1, scale, scores, 1, column);
    scoreBlock(keys, keysAt, headSize, queries, q2, scale, scores, 2, column);
    scoreBlock(keys, keysAt, headSize, queries, q3, scale, scores, 3, column);
  }

  private static void scoreBlock(
      MemorySegment keys,
      long keysAt,
      int headSize,
      MemorySegment queries,
      long q,
      float scale,
      FloatTensor scores,
      int scoresRow,
      int column) {
    for (int p = 0; p < KeyValueBlocks.POSITIONS; p++) {
      float dot = 0;
      for (int c = 0; c < headSize; c++) {
        float key = keys.get(FLOAT, keysAt + 4L * (c * KeyValueBlocks.POSITIONS + p));
        dot = Math.fma(key, queries.get(FLOAT, q + 4L * c), dot);
      }
      scores.set(scoresRow, column + p, dot * scale);
    }
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
    mixOne(values, valuesAt, headSize, positions, weights, 0, column, ys, y0);
    if (last > 0) {
      mixOne(values, valuesAt, headSize, positions, weights, 1, column, ys, y1);
    }
    if (last > 1) {
      mixOne(values, valuesAt, headSize, positions, weights, 2, column, ys, y2);
    }
    if (last > 2) {
      mixOne(values, valuesAt, headSize, positions, weights, 3, column, ys, y3);
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
    mix(values, valuesAt, 0, headSize, positions, weights.data(), w, ys, y);
  }

  /** The columns from {@code from} to {@code headSize} - 1. */
  static void mix(
      MemorySegment values,
      long valuesAt,
      int from,
      int headSize,
      int positions,
      MemorySegment ws,
      long w,
      MemorySegment ys,
      long y) {
    for (int c = from; c < headSize; c++) {
      float sum = ys.get(FLOAT, y + 4L * c);
      for (int p = 0; p < positions; p++) {
        float value = values.get(FLOAT, valuesAt + 4L * ((long) p * headSize + c));
        sum = Math.fma(value, ws.get(FLOAT, w + 4L * p), sum);
      }
      ys.set(FLOAT, y + 4L * c, sum);
    }
  }

  @Override
  void silu(FloatTensor x, int token, int from, int to) {
    for (int c = from; c < to; c++) {
      x.set(token, c, silu(x.get(token, c)));
    }
  }

  static float silu(float x) {
    return x / (1 + Exponential.exp(-x));
  }

  @Override
  void gelu(FloatTensor x, int token, int from, int to) {
    for (int c = from; c < to; c++) {
      x.set(token, c, gelu(x.get(token, c)));
    }
  }

  /** With tanh(y) = 2 / (1 + exp(-2y)) - 1 the tanh form is x / (1 + exp(-2y)). */
  static float gelu(float x) {
    float inner = Math.fma(x * x * GELU_CUBIC, x, x);
    return x / (1 + Exponential.exp(inner * GELU_SLOPE));
  }

  @Override
  void geluErf(FloatTensor x, int token, int from, int to) {
    for (int c = from; c < to; c++) {
      x.set(token, c, geluErf(x.get(token, c)));
    }
  }

  static float geluErf(float x) {
    float tail = ErrorFunction.erfc(Math.abs(x) * ErrorFunction.INVERSE_ROOT_OF_TWO) * 0.5f;
    return x * (x > 0 ? 1 - tail : tail);
  }

  @Override
  void rectifyRange(FloatTensor x, int token, int from, int to, float threshold) {
    for (int c = from; c < to; c++) {
      x.set(token, c, rectify(x.get(token, c), threshold));
    }
  }

  /** Compared so that a NaN stays one. */
  static float rectify(float x, float threshold) {
    return x <= threshold ? 0 : x;
  }

  @Override
  void reluSquared(FloatTensor x, int token, int from, int to) {
    for (int c = from; c < to; c++) {
      float positive = Math.max(x.get(token, c), 0);
      x.set(token, c, positive * positive);
    }
  }

  @Override
  void addRow(FloatTensor x, int token, FloatTensor y, int yRow, int from, int to) {
    for (int c = from; c < to; c++) {
      x.set(token, c, x.get(token, c) + y.get(yRow, c));
    }
  }

  @Override
  void multiplyRow(FloatTensor x, FloatTensor y, int token, int from, int to) {
    for (int c = from; c < to; c++) {
      x.set(token, c, x.get(token, c) * y.get(token, c));
    }
  }

  @Override
  void scaleRange(FloatTensor x, int token, int from, int to, float factor) {
    for (int c = from; c < to; c++) {
      x.set(token, c, x.get(token, c) * factor);
    }
  }

  @Override
  void softCapRange(FloatTensor x, int token, int from, int to, float cap) {
    for (int c = from; c < to; c++) {
      x.set(token, c, softCap(x.get(token, c), cap));
    }
  }

  /** With tanh(y) = m / (m + 2) where m = exp(2y) - 1. */
  static float softCap(float x, float cap) {
    float m = Exponential.expMinusOne(x * (2 / cap));
    return m / (m + 2) * cap;
  }

  static void zero(MemorySegment y, long yAt, int from, int to) {
    for (int c = from; c < to; c++) {
      y.set(FLOAT, yAt + 4L * c, 0);
    }
  }

  private static void clear(float[] sums) {
    for (int l = 0; l < sums.length; l++) {
      sums[l] = 0;
    }
  }
}
