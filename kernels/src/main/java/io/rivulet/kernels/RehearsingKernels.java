package io.rivulet.kernels;

import java.util.Arrays;

/**
 * Vector kernels that start quickly. Until C2 has compiled them they are many times slower than
 * their scalar twin, and both give the same bits: so the twin does the large work, products, sums
 * of rows and attention, until a {@link Rehearsal} finds the vector kernel quicker. A rehearsal
 * writes again what the twin has written.
 */
final class RehearsingKernels implements Kernels {

  /**
   * What is rehearsed of a call: some of the kernel's loops around, and short while interpreted.
   */
  private static final int TOKENS = 5;

  private static final int ROWS = 32;
  private static final int COLUMNS = 64;

  /** Beyond as many tokens or rows the compiler catches up within a call, and the twin is slow. */
  private static final int MOST = 64;

  private final Kernels vectors;
  private final Kernels twin;

  // For one token or row, and for several: these are kernels of their own.
  private final Rehearsal[] product = rehearsals(WeightType.values().length);
  private final Rehearsal[] products = rehearsals(WeightType.values().length);
  private final Rehearsal[] packedProduct = rehearsals(WeightType.values().length);
  private final Rehearsal[] packedProducts = rehearsals(WeightType.values().length);
  private final Rehearsal[] sums = rehearsals(2);
  private final Rehearsal[] attention = rehearsals(2);

  RehearsingKernels(VectorKernels vectors, ScalarKernels twin) {
    this.vectors = vectors;
    this.twin = twin;
  }

  private static Rehearsal[] rehearsals(int count) {
    var all = new Rehearsal[count];
    Arrays.setAll(all, i -> new Rehearsal());
    return all;
  }

  /** Of the kernel for one of something, or of that for several. */
  private static Rehearsal of(Rehearsal[] oneAndSeveral, int count) {
    return oneAndSeveral[count == 1 ? 0 : 1];
  }

  @Override
  public String name() {
    return vectors.name();
  }

  @Override
  public void multiply(
      Matrix w, FloatTensor x, int count, FloatTensor out, int rowFrom, int rowTo) {
    Rehearsal rehearsal = (count == 1 ? product : products)[w.type().ordinal()];
    if (rehearsal.over() || count > MOST) {
      vectors.multiply(w, x, count, out, rowFrom, rowTo);
      return;
    }
    long start = System.nanoTime();
    twin.multiply(w, x, count, out, rowFrom, rowTo);
    long end = System.nanoTime();
    if (rehearsal.due(end - start)) {
      int tokens = Math.min(count, TOKENS);
      int to = Math.min(rowTo, rowFrom + ROWS);
      vectors.multiply(w, x, tokens, out, rowFrom, to);
      double part = (double) tokens / count * (to - rowFrom) / (rowTo - rowFrom);
      rehearsal.compare(System.nanoTime() - end, part * (end - start));
    }
  }

  @Override
  public void quantize(FloatTensor x, int token, ActivationCodes codes) {
    vectors.quantize(x, token, codes);
  }

  @Override
  public void multiply(
      PackedMatrix w, ActivationCodes x, int count, FloatTensor out, int rowFrom, int rowTo) {
    Rehearsal rehearsal = (count == 1 ? packedProduct : packedProducts)[w.type().ordinal()];
    if (rehearsal.over() || count > MOST) {
      vectors.multiply(w, x, count, out, rowFrom, rowTo);
      return;
    }
    long start = System.nanoTime();
    twin.multiply(w, x, count, out, rowFrom, rowTo);
    long end = System.nanoTime();
    if (rehearsal.due(end - start)) {
      int tokens = Math.min(count, TOKENS);
      int to = Math.min(rowTo, rowFrom + ROWS);
      vectors.multiply(w, x, tokens, out, rowFrom, to);
      double part = (double) tokens / count * (to - rowFrom) / (rowTo - rowFrom);
      rehearsal.compare(System.nanoTime() - end, part * (end - start));
    }
  }

  @Override
  public void accumulateRows(
      NeuronRows neuronMajor,
      FloatTensor activations,
      int count,
      int[][] ids,
      int[] idCounts,
      FloatTensor out,
      int colFrom,
      int colTo) {
    Rehearsal rehearsal = of(sums, count);
    if (rehearsal.over() || count > MOST) {
      vectors.accumulateRows(neuronMajor, activations, count, ids, idCounts, out, colFrom, colTo);
      return;
    }
    long start = System.nanoTime();
    twin.accumulateRows(neuronMajor, activations, count, ids, idCounts, out, colFrom, colTo);
    long end = System.nanoTime();
    if (rehearsal.due(end - start)) {
      int to = Math.min(colTo, colFrom + COLUMNS);
      vectors.accumulateRows(neuronMajor, activations, count, ids, idCounts, out, colFrom, to);
      double part = (double) (to - colFrom) / (colTo - colFrom);
      rehearsal.compare(System.nanoTime() - end, part * (end - start));
    }
  }

  @Override
  public int nonZero(FloatTensor activations, int token, int from, int to, int[] ids, int idStart) {
    return vectors.nonZero(activations, token, from, to, ids, idStart);
  }

  @Override
  public void layerNorm(
      FloatTensor x,
      int token,
      int column,
      FloatTensor weight,
      FloatTensor bias,
      float epsilon,
      FloatTensor out) {
    vectors.layerNorm(x, token, column, weight, bias, epsilon, out);
  }

  @Override
  public void rmsNorm(
      FloatTensor x, int token, int column, FloatTensor weight, float epsilon, FloatTensor out) {
    vectors.rmsNorm(x, token, column, weight, epsilon, out);
  }

  @Override
  public void rope(
      RopeLayout layout,
      FloatTensor x,
      int token,
      int column,
      int dims,
      FloatTensor rotations,
      int row) {
    vectors.rope(layout, x, token, column, dims, rotations, row);
  }

  @Override
  public void softmax(FloatTensor x, int token, int count) {
    vectors.softmax(x, token, count);
  }

  @Override
  public void attend(
      AttentionRule rule,
      FloatTensor queries,
      int row,
      int rows,
      KeyValueBlocks cache,
      int head,
      int[] blocks,
      int position,
      FloatTensor out) {
    Rehearsal rehearsal = of(attention, rows);
    if (rehearsal.over() || rows > MOST) {
      vectors.attend(rule, queries, row, rows, cache, head, blocks, position, out);
      return;
    }
    long start = System.nanoTime();
    twin.attend(rule, queries, row, rows, cache, head, blocks, position, out);
    long end = System.nanoTime();
    if (rehearsal.due(end - start)) {
      int some = Math.min(rows, TOKENS);
      vectors.attend(rule, queries, row, some, cache, head, blocks, position, out);
      double part = (double) some / rows;
      rehearsal.compare(System.nanoTime() - end, part * (end - start));
    }
  }

  @Override
  public void activate(Activation activation, FloatTensor x, int token, int from, int to) {
    vectors.activate(activation, x, token, from, to);
  }

  @Override
  public void rectify(FloatTensor x, int token, int from, int to, float threshold) {
    vectors.rectify(x, token, from, to, threshold);
  }

  @Override
  public void softCap(FloatTensor x, int token, int from, int to, float cap) {
    vectors.softCap(x, token, from, to, cap);
  }

  @Override
  public void add(FloatTensor x, FloatTensor y, int token, int from, int to) {
    vectors.add(x, y, token, from, to);
  }

  @Override
  public void addBias(FloatTensor x, FloatTensor bias, int token, int from, int to) {
    vectors.addBias(x, bias, token, from, to);
  }

  @Override
  public void multiply(FloatTensor x, FloatTensor y, int token, int from, int to) {
    vectors.multiply(x, y, token, from, to);
  }

  @Override
  public void scale(FloatTensor x, int token, int from, int to, float factor) {
    vectors.scale(x, token, from, to, factor);
  }
}
