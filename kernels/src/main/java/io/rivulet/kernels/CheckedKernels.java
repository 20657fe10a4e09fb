package io.rivulet.kernels;

import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;

/** What all implementations share: arguments are checked, once a call. */
abstract sealed class CheckedKernels implements Kernels permits ScalarKernels, VectorKernels {

  private static final int FIRST = 0;

  private static final Set<WeightType> WITH_ROW_SUMS =
      EnumSet.of(WeightType.F32, WeightType.F16, WeightType.BF16);

  @Override
  public final void multiply(
      Matrix w, FloatTensor x, int count, FloatTensor out, int rowFrom, int rowTo) {
    Objects.checkFromToIndex(rowFrom, rowTo, w.rows());
    Objects.checkFromIndexSize(0, count, Math.min(x.rows(), out.rows()));
    require(x.cols() >= w.cols(), "x has fewer columns than the weights", x.cols(), w.cols());
    require(
        out.cols() >= w.rows(),
        "out has fewer columns than the weights rows",
        out.cols(),
        w.rows());
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
  public final void accumulateRows(
      NeuronRows neuronMajor,
      FloatTensor activations,
      int token,
      int[] ids,
      int idCount,
      FloatTensor out,
      int colFrom,
      int colTo) {
    Objects.checkFromToIndex(colFrom, colTo, Math.min(neuronMajor.cols(), out.cols()));
    Objects.checkIndex(token, Math.min(activations.rows(), out.rows()));
    Objects.checkFromIndexSize(0, idCount, ids.length);
    int step = neuronMajor.columnStep();
    boolean whole = colTo % step == 0 || colTo == neuronMajor.cols();
    require(colFrom % step == 0, "colFrom is not a multiple of the column step", colFrom, step);
    require(whole, "colTo is not a multiple of the column step", colTo, step);
    int neurons = Math.min(neuronMajor.rows(), activations.cols());
    for (int i = 0; i < idCount; i++) {
      Objects.checkIndex(ids[i], neurons);
    }
    switch (neuronMajor) {
      case Matrix rows -> {
        if (!WITH_ROW_SUMS.contains(rows.type())) {
          throw noRowSums(rows.type());
        }
        accumulate(rows, activations, token, ids, idCount, out, colFrom, colTo);
      }
      case CodedRows rows ->
          accumulate(rows, activations, token, ids, idCount, out, colFrom, colTo);
    }
  }

  static IllegalArgumentException noRowSums(WeightType type) {
    return new IllegalArgumentException(
        "rows of type %s cannot be summed, only of %s".formatted(type, WITH_ROW_SUMS));
  }

  abstract void accumulate(
      CodedRows w,
      FloatTensor activations,
      int token,
      int[] ids,
      int idCount,
      FloatTensor out,
      int from,
      int to);

  abstract void accumulate(
      Matrix w,
      FloatTensor activations,
      int token,
      int[] ids,
      int idCount,
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

  abstract void normaliseExponentials(FloatTensor x, int token, int count);

  @Override
  public final void attend(
      FloatTensor queries,
      int token,
      int queryColumn,
      int headSize,
      FloatTensor keys,
      FloatTensor values,
      int firstPosition,
      int positions,
      int keyColumn,
      float scale,
      float softCap,
      FloatTensor scores,
      int scoresRow,
      FloatTensor out) {
    if (softCap < 0) {
      throw new IllegalArgumentException("a soft cap is negative: " + softCap);
    }
    require(positions > 0, "attention needs a position", positions, 1);
    checkRange(queries, token, queryColumn, queryColumn + headSize);
    checkRange(out, token, queryColumn, queryColumn + headSize);
    checkRange(keys, firstPosition + positions - 1, keyColumn, keyColumn + headSize);
    checkRange(values, firstPosition + positions - 1, keyColumn, keyColumn + headSize);
    checkRange(scores, scoresRow, 0, positions);
    Objects.checkIndex(firstPosition, keys.rows());
    score(
        queries,
        token,
        queryColumn,
        headSize,
        keys,
        firstPosition,
        positions,
        keyColumn,
        scores,
        scoresRow);
    scaleRange(scores, scoresRow, 0, positions, scale);
    if (softCap > 0) {
      softCapRange(scores, scoresRow, 0, positions, softCap);
    }
    normaliseExponentials(scores, scoresRow, positions);
    mix(
        scores,
        scoresRow,
        values,
        firstPosition,
        positions,
        keyColumn,
        headSize,
        out,
        token,
        queryColumn);
  }

  /** {@code scores[scoresRow][p] = q . keys[firstPosition + p]}. */
  abstract void score(
      FloatTensor queries,
      int token,
      int queryColumn,
      int headSize,
      FloatTensor keys,
      int firstPosition,
      int positions,
      int keyColumn,
      FloatTensor scores,
      int scoresRow);

  /**
   * {@code out[token][c] = sum over p, in order, of weights[row][p] * values[firstPosition + p]}.
   */
  abstract void mix(
      FloatTensor weights,
      int row,
      FloatTensor values,
      int firstPosition,
      int positions,
      int keyColumn,
      int headSize,
      FloatTensor out,
      int token,
      int column);

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
