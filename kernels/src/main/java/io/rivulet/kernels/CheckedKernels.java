package io.rivulet.kernels;

import java.lang.foreign.MemorySegment;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;

/** What all implementations share: arguments are checked, once a call. */
abstract sealed class CheckedKernels implements Kernels permits ScalarKernels, VectorKernels {

  private static final int FIRST = 0;

  private static final Set<WeightType> WITH_ROW_SUMS =
      EnumSet.of(WeightType.F32, WeightType.F16, WeightType.BF16);

  private final ThreadLocal<AttentionLoop> loops =
      ThreadLocal.withInitial(() -> new AttentionLoop(this));

  @Override
  public final void multiply(
      Matrix w, FloatTensor x, int count, FloatTensor out, int rowFrom, int rowTo) {
    Objects.checkFromToIndex(rowFrom, rowTo, w.rows());
    Objects.checkFromIndexSize(0, count, Math.min(x.rows(), out.rows()));
    checkColumns(w, x, out);
    if (count == 1) {
      multiplyOne(w, x, FIRST, out, rowFrom, rowTo);
    } else {
      multiplyMany(w, x, count, out, rowFrom, rowTo);
    }
  }

  /** {@code out[token][r] = w[r] . x[token]} for r from rowFrom to rowTo - 1. */
  abstract void multiplyOne(
      Matrix w, FloatTensor x, int token, FloatTensor out, int rowFrom, int rowTo);

  /** The same for the tokens from 0 to count - 1. */
  abstract void multiplyMany(
      Matrix w, FloatTensor x, int count, FloatTensor out, int rowFrom, int rowTo);

  @Override
  public final void quantize(FloatTensor x, int token, ActivationCodes codes) {
    Objects.checkIndex(token, Math.min(x.rows(), codes.rows()));
    require(x.cols() >= codes.cols(), "x has fewer columns than codes", x.cols(), codes.cols());
    quantizeRow(x, token, codes);
  }

  abstract void quantizeRow(FloatTensor x, int token, ActivationCodes codes);

  @Override
  public final void multiply(
      PackedMatrix w, ActivationCodes x, int count, FloatTensor out, int rowFrom, int rowTo) {
    Objects.checkFromToIndex(rowFrom, rowTo, w.rows());
    Objects.checkFromIndexSize(0, count, Math.min(x.rows(), out.rows()));
    checkColumns(w, x, out);
    if (count == 1) {
      multiplyOne(w, x, FIRST, out, rowFrom, rowTo);
    } else {
      multiplyMany(w, x, count, out, rowFrom, rowTo);
    }
  }

  /** {@code out[token][r] = w[r] . x[token]} for r from rowFrom to rowTo - 1. */
  abstract void multiplyOne(
      PackedMatrix w, ActivationCodes x, int token, FloatTensor out, int rowFrom, int rowTo);

  /** The same for the tokens from 0 to count - 1. */
  abstract void multiplyMany(
      PackedMatrix w, ActivationCodes x, int count, FloatTensor out, int rowFrom, int rowTo);

  @Override
  public final void multiplyRows(
      Matrix w, FloatTensor x, int token, int[] ids, int idFrom, int idTo, FloatTensor out) {
    Objects.checkIndex(token, Math.min(x.rows(), out.rows()));
    checkColumns(w, x, out);
    checkIds(ids, idFrom, idTo, w.rows());
    multiplySome(w, x, token, ids, idFrom, idTo, out);
  }

  /** {@code out[token][r] = w[r] . x[token]} for r = ids[i], i from idFrom to idTo - 1. */
  abstract void multiplySome(
      Matrix w, FloatTensor x, int token, int[] ids, int idFrom, int idTo, FloatTensor out);

  @Override
  public final void multiplyRows(
      PackedMatrix w,
      ActivationCodes x,
      int token,
      int[] ids,
      int idFrom,
      int idTo,
      FloatTensor out) {
    Objects.checkIndex(token, Math.min(x.rows(), out.rows()));
    checkColumns(w, x, out);
    checkIds(ids, idFrom, idTo, w.rows());
    multiplySome(w, x, token, ids, idFrom, idTo, out);
  }

  /** {@code out[token][r] = w[r] . x[token]} for r = ids[i], i from idFrom to idTo - 1. */
  abstract void multiplySome(
      PackedMatrix w,
      ActivationCodes x,
      int token,
      int[] ids,
      int idFrom,
      int idTo,
      FloatTensor out);

  @Override
  public final void multiplySharedRows(
      Matrix w, FloatTensor x, int count, int[] ids, int idFrom, int idTo, FloatTensor out) {
    Objects.checkFromIndexSize(0, count, Math.min(x.rows(), out.rows()));
    checkColumns(w, x, out);
    checkIds(ids, idFrom, idTo, w.rows());
    if (count == 1) {
      multiplySome(w, x, FIRST, ids, idFrom, idTo, out);
    } else {
      multiplyShared(w, x, count, ids, idFrom, idTo, out);
    }
  }

  /** {@code out[token][r] = w[r] . x[token]} for r = ids[i] and the tokens from 0 to count - 1. */
  abstract void multiplyShared(
      Matrix w, FloatTensor x, int count, int[] ids, int idFrom, int idTo, FloatTensor out);

  @Override
  public final void multiplySharedRows(
      PackedMatrix w,
      ActivationCodes x,
      int count,
      int[] ids,
      int idFrom,
      int idTo,
      FloatTensor out) {
    Objects.checkFromIndexSize(0, count, Math.min(x.rows(), out.rows()));
    checkColumns(w, x, out);
    checkIds(ids, idFrom, idTo, w.rows());
    if (count == 1) {
      multiplySome(w, x, FIRST, ids, idFrom, idTo, out);
    } else {
      multiplyShared(w, x, count, ids, idFrom, idTo, out);
    }
  }

  /** {@code out[token][r] = w[r] . x[token]} for r = ids[i] and the tokens from 0 to count - 1. */
  abstract void multiplyShared(
      PackedMatrix w,
      ActivationCodes x,
      int count,
      int[] ids,
      int idFrom,
      int idTo,
      FloatTensor out);

  @Override
  public final void accumulateRows(
      NeuronRows neuronMajor,
      FloatTensor activations,
      int count,
      int[][] ids,
      int[] idCounts,
      FloatTensor out,
      int colFrom,
      int colTo) {
    Objects.checkFromToIndex(colFrom, colTo, Math.min(neuronMajor.cols(), out.cols()));
    Objects.checkFromIndexSize(0, count, Math.min(activations.rows(), out.rows()));
    Objects.checkFromIndexSize(0, count, Math.min(ids.length, idCounts.length));
    int step = neuronMajor.columnStep();
    boolean whole = colTo % step == 0 || colTo == neuronMajor.cols();
    require(colFrom % step == 0, "colFrom is not a multiple of the column step", colFrom, step);
    require(whole, "colTo is not a multiple of the column step", colTo, step);
    int neurons = Math.min(neuronMajor.rows(), activations.cols());
    for (int token = 0; token < count; token++) {
      checkIds(ids[token], 0, idCounts[token], neurons);
    }
    if (neuronMajor instanceof Matrix matrix && !WITH_ROW_SUMS.contains(matrix.type())) {
      throw noRowSums(matrix.type());
    }
    accumulate(neuronMajor, activations, count, ids, idCounts, out, colFrom, colTo);
  }

  private static void checkColumns(Matrix w, FloatTensor x, FloatTensor out) {
    require(x.cols() >= w.cols(), "x has fewer columns than the weights", x.cols(), w.cols());
    checkColumns(w, out);
  }

  private static void checkColumns(PackedMatrix w, ActivationCodes x, FloatTensor out) {
    require(x.cols() == w.cols(), "x has not the weights' columns", x.cols(), w.cols());
    checkColumns(w, out);
  }

  private static void checkColumns(WeightMatrix w, FloatTensor out) {
    require(
        out.cols() >= w.rows(),
        "out has fewer columns than the weights rows",
        out.cols(),
        w.rows());
  }

  private static void checkIds(int[] ids, int from, int to, int rows) {
    Objects.checkFromToIndex(from, to, ids.length);
    int previous = -1;
    for (int i = from; i < to; i++) {
      require(ids[i] > previous, "ids do not ascend from 0", previous, ids[i]);
      previous = ids[i];
    }
    Objects.checkIndex(Math.max(0, previous), rows);
  }

  static IllegalArgumentException noRowSums(WeightType type) {
    return new IllegalArgumentException(
        "rows of type %s cannot be summed, only of %s".formatted(type, WITH_ROW_SUMS));
  }

  abstract void accumulate(
      NeuronRows w,
      FloatTensor activations,
      int count,
      int[][] ids,
      int[] idCounts,
      FloatTensor out,
      int from,
      int to);

  @Override
  public final int nonZero(
      FloatTensor activations, int token, int from, int to, int[] ids, int idStart) {
    checkRange(activations, token, from, to);
    Objects.checkFromIndexSize(idStart, to - from, ids.length);
    return findNonZero(activations, token, from, to, ids, idStart);
  }

  abstract int findNonZero(FloatTensor x, int token, int from, int to, int[] ids, int idStart);

  @Override
  public final int above(
      FloatTensor activations,
      int token,
      int from,
      int to,
      FloatTensor thresholds,
      int row,
      int[] ids,
      int idStart) {
    checkRange(activations, token, from, to);
    checkRange(thresholds, row, from, to);
    Objects.checkFromIndexSize(idStart, to - from, ids.length);
    return findAbove(activations, token, from, to, thresholds, row, ids, idStart);
  }

  abstract int findAbove(
      FloatTensor x,
      int token,
      int from,
      int to,
      FloatTensor thresholds,
      int row,
      int[] ids,
      int idStart);

  @Override
  public final int positive(
      FloatTensor scores, int token, int from, int to, int[] ids, int idStart) {
    checkRange(scores, token, from, to);
    Objects.checkFromIndexSize(idStart, to - from, ids.length);
    return findPositive(scores, token, from, to, ids, idStart);
  }

  abstract int findPositive(FloatTensor x, int token, int from, int to, int[] ids, int idStart);

  @Override
  public final void score(LaneRows w, FloatTensor x, int token, FloatTensor out, int from, int to) {
    Objects.checkIndex(token, Math.min(x.rows(), out.rows()));
    Objects.checkFromToIndex(from, to, w.rows());
    require(x.cols() >= w.cols(), "x has fewer columns than the weights", x.cols(), w.cols());
    require(
        out.cols() >= w.rows(),
        "out has fewer columns than the weights rows",
        out.cols(),
        w.rows());
    boolean whole = to % Lanes.COUNT == 0 || to == w.rows();
    require(from % Lanes.COUNT == 0, "from is not a multiple of 16", from, Lanes.COUNT);
    require(whole, "to is not a multiple of 16", to, Lanes.COUNT);
    scoreRows(w, x, token, out, from, to);
  }

  abstract void scoreRows(LaneRows w, FloatTensor x, int token, FloatTensor out, int from, int to);

  @Override
  public final void layerNorm(
      FloatTensor x,
      int token,
      int column,
      FloatTensor weight,
      FloatTensor bias,
      float epsilon,
      FloatTensor out) {
    checkRange(x, token, column, column + weight.cols());
    checkRange(out, token, column, column + weight.cols());
    require(
        bias.cols() == weight.cols(), "bias and weight differ in size", bias.cols(), weight.cols());
    normalise(x, token, column, weight, bias, epsilon, out);
  }

  abstract void normalise(
      FloatTensor x,
      int token,
      int column,
      FloatTensor weight,
      FloatTensor bias,
      float epsilon,
      FloatTensor out);

  @Override
  public final void rmsNorm(
      FloatTensor x, int token, int column, FloatTensor weight, float epsilon, FloatTensor out) {
    checkRange(x, token, column, column + weight.cols());
    checkRange(out, token, column, column + weight.cols());
    normaliseByRootMeanSquare(x, token, column, weight, epsilon, out);
  }

  abstract void normaliseByRootMeanSquare(
      FloatTensor x, int token, int column, FloatTensor weight, float epsilon, FloatTensor out);

  @Override
  public final void rope(
      RopeLayout layout,
      FloatTensor x,
      int token,
      int column,
      int dims,
      FloatTensor rotations,
      int row) {
    require(dims >= 0 && dims % 2 == 0, "rotary dimensions must be even", dims, 2);
    checkRange(x, token, column, column + dims);
    checkRange(rotations, row, 0, dims);
    switch (layout) {
      case INTERLEAVED -> rotateNeighbours(x, token, column, dims, rotations, row);
      case HALVES -> rotateHalves(x, token, column, dims, rotations, row);
    }
  }

  /** Loads of neighbours do not suit vectors, and this is little work: one loop for all. */
  private static void rotateNeighbours(
      FloatTensor x, int token, int column, int dims, FloatTensor rotations, int row) {
    for (int i = 0; i < dims / 2; i++) {
      int c = column + 2 * i;
      rotate(x, token, c, c + 1, rotations, row, i, dims / 2);
    }
  }

  /** Turns the elements in columns a and b by the angle in column i of rotations. */
  static void rotate(
      FloatTensor x, int token, int a, int b, FloatTensor rotations, int row, int i, int half) {
    float cos = rotations.get(row, i);
    float sin = rotations.get(row, half + i);
    float left = x.get(token, a);
    float right = x.get(token, b);
    x.set(token, a, Math.fma(left, cos, -(right * sin)));
    x.set(token, b, Math.fma(left, sin, right * cos));
  }

  abstract void rotateHalves(
      FloatTensor x, int token, int column, int dims, FloatTensor rotations, int row);

  @Override
  public final void softmax(FloatTensor x, int token, int count) {
    checkRange(x, token, 0, count);
    require(count > 0, "softmax needs an element", count, 1);
    normaliseExponentials(x, token, count);
  }

  private void normaliseExponentials(FloatTensor x, int token, int count) {
    exponentials(x, token, 0, count, largest(x, token, 0, count));
    scaleRange(x, token, 0, count, 1 / sum(x, token, 0, count));
  }

  /** The largest of the columns from {@code from} to {@code to} - 1, which are one at least. */
  abstract float largest(FloatTensor x, int token, int from, int to);

  /** {@code x[token][c] = exp(x[token][c] - largest)}. */
  abstract void exponentials(FloatTensor x, int token, int from, int to, float largest);

  /** The sum of the columns from {@code from} to {@code to} - 1, lane 0 from the first on. */
  abstract float sum(FloatTensor x, int token, int from, int to);

  @Override
  public final void attend(
      AttentionRule rule,
      FloatTensor queries,
      int row,
      int rows,
      KeyValueBlocks cache,
      int head,
      int[] blocks,
      int position,
      FloatTensor out) {
    require(rows > 0, "attention needs a row", rows, 1);
    require(position >= 0, "a position is negative", position, 0);
    int columns = Math.multiplyExact((head + 1) * rule.sharing(), cache.headSize());
    Objects.checkFromIndexSize(row, rows, Math.min(queries.rows(), out.rows()));
    Objects.checkFromToIndex(0, columns, Math.min(queries.cols(), out.cols()));
    Objects.checkIndex(head, cache.heads());
    int lastBlock = (position + rows - 1) / KeyValueBlocks.POSITIONS;
    Objects.checkIndex(lastBlock, blocks.length);
    for (int i = rule.firstVisible(position) / KeyValueBlocks.POSITIONS; i <= lastBlock; i++) {
      Objects.checkIndex(blocks[i], cache.blocks());
    }
    loops.get().run(rule, queries, row, rows, cache, head, blocks, position, out);
  }

  /** A head's keys of a block, which are not in F32, to floats. */
  final void loadKeys(KeyValueBlocks cache, long at, MemorySegment to, long toAt) {
    switch (cache.type()) {
      case F32 -> throw new IllegalStateException("keys in float32 are used where they lie");
      case F16 ->
          loadHalves(cache.keys(), at, KeyValueBlocks.POSITIONS * cache.headSize(), to, toAt);
      case Q8_0 -> loadKeyCodes(cache.keys(), at, cache.headSize(), to, toAt);
    }
  }

  /** The same for values. */
  final void loadValues(KeyValueBlocks cache, long at, MemorySegment to, long toAt) {
    switch (cache.type()) {
      case F32 -> throw new IllegalStateException("values in float32 are used where they lie");
      case F16 ->
          loadHalves(cache.values(), at, KeyValueBlocks.POSITIONS * cache.headSize(), to, toAt);
      case Q8_0 -> loadValueCodes(cache.values(), at, cache.headSize(), to, toAt);
    }
  }

  /** As {@link KeyValueCodec} has it, and so for the next two. */
  abstract void loadHalves(MemorySegment from, long at, int count, MemorySegment to, long toAt);

  abstract void loadKeyCodes(
      MemorySegment from, long at, int headSize, MemorySegment to, long toAt);

  abstract void loadValueCodes(
      MemorySegment from, long at, int headSize, MemorySegment to, long toAt);

  /**
   * {@code scores[i][column + p] = scale * (query i . key p)} for four queries, which stand at q0
   * to q3, and all positions of a block.
   *
   * @param keysAt where the head's keys of the block are, as {@link KeyValueBlocks} has them
   */
  abstract void scoreBlock(
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
      int column);

  /**
   * {@code y[i][c] += sum over p, in order, of weights[i][column + p] * values[p][c]} for the
   * queries 0 to {@code last}, of four at most, which stand at y0 to y3; missing ones repeat the
   * last.
   *
   * @param valuesAt where the first position's values are
   */
  abstract void mixFour(
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
      long y3);

  /** The same for one query: {@code y[c] += sum of weights[weightsRow][column + p] * ...}. */
  abstract void mixOne(
      MemorySegment values,
      long valuesAt,
      int headSize,
      int positions,
      FloatTensor weights,
      int weightsRow,
      int column,
      MemorySegment ys,
      long y);

  @Override
  public final void activate(Activation activation, FloatTensor x, int token, int from, int to) {
    checkRange(x, token, from, to);
    switch (activation) {
      case SILU -> silu(x, token, from, to);
      case GELU -> gelu(x, token, from, to);
      case GELU_ERF -> geluErf(x, token, from, to);
      case RELU -> rectifyRange(x, token, from, to, 0);
      case RELU_SQUARED -> reluSquared(x, token, from, to);
    }
  }

  abstract void silu(FloatTensor x, int token, int from, int to);

  abstract void gelu(FloatTensor x, int token, int from, int to);

  abstract void geluErf(FloatTensor x, int token, int from, int to);

  abstract void reluSquared(FloatTensor x, int token, int from, int to);

  @Override
  public final void rectify(FloatTensor x, int token, int from, int to, float threshold) {
    checkRange(x, token, from, to);
    rectifyRange(x, token, from, to, threshold);
  }

  abstract void rectifyRange(FloatTensor x, int token, int from, int to, float threshold);

  @Override
  public final void softCap(FloatTensor x, int token, int from, int to, float cap) {
    if (!(cap > 0)) {
      throw new IllegalArgumentException("a soft cap must be more than 0, was " + cap);
    }
    checkRange(x, token, from, to);
    softCapRange(x, token, from, to, cap);
  }

  abstract void softCapRange(FloatTensor x, int token, int from, int to, float cap);

  @Override
  public final void add(FloatTensor x, FloatTensor y, int token, int from, int to) {
    checkRange(x, token, from, to);
    checkRange(y, token, from, to);
    addRow(x, token, y, token, from, to);
  }

  @Override
  public final void addBias(FloatTensor x, FloatTensor bias, int token, int from, int to) {
    checkRange(x, token, from, to);
    checkRange(bias, FIRST, from, to);
    addRow(x, token, bias, FIRST, from, to);
  }

  abstract void addRow(FloatTensor x, int token, FloatTensor y, int yRow, int from, int to);

  @Override
  public final void multiply(FloatTensor x, FloatTensor y, int token, int from, int to) {
    checkRange(x, token, from, to);
    checkRange(y, token, from, to);
    multiplyRow(x, y, token, from, to);
  }

  abstract void multiplyRow(FloatTensor x, FloatTensor y, int token, int from, int to);

  @Override
  public final void scale(FloatTensor x, int token, int from, int to, float factor) {
    checkRange(x, token, from, to);
    scaleRange(x, token, from, to, factor);
  }

  abstract void scaleRange(FloatTensor x, int token, int from, int to, float factor);

  private static void checkRange(FloatTensor x, int row, int from, int to) {
    Objects.checkIndex(row, x.rows());
    Objects.checkFromToIndex(from, to, x.cols());
  }

  private static void require(boolean condition, String what, int actual, int other) {
    if (!condition) {
      throw new IllegalArgumentException(what + ": " + actual + ", " + other);
    }
  }
}
