package io.rivulet.kernels;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Vector kernels that start quickly. Until C2 has compiled them they are many times slower than
 * their scalar twin, and both give the same bits: so the twin does the work until a {@link
 * Rehearsal} finds the vector kernel quicker. Of large work, a rehearsal writes a part again that
 * the twin has written; small work is done by either.
 */
final class RehearsingKernels implements Kernels {

  /**
   * What is rehearsed of a call: some of the kernel's loops around, and short while interpreted.
   */
  private static final int TOKENS = 5;

  private static final int ROWS = 32;
  private static final int COLUMNS = 64;

  /** Multiplications of a call beyond which the twin would keep a caller waiting. */
  private static final long MOST_WORK = 1L << 27;

  private final Kernels vectors;
  private final Kernels twin;

  // For one token or row, and for several: these are kernels of their own.
  private final Map<WeightType, Rehearsal> product = perType();
  private final Map<WeightType, Rehearsal> products = perType();
  private final Map<WeightType, Rehearsal> packedProduct = perType();
  private final Map<WeightType, Rehearsal> packedProducts = perType();

  /** Of packed weights with two tokens, and with three or four. */
  private final List<Map<WeightType, Rehearsal>> fewPackedProducts = List.of(perType(), perType());

  private final Rehearsal[] sums = {new Rehearsal(), new Rehearsal()};
  private final Rehearsal[] attention = {new Rehearsal(), new Rehearsal()};

  private final Rehearsal quantizing = new Rehearsal();
  private final Rehearsal compaction = new Rehearsal();
  private final Rehearsal thresholding = new Rehearsal();
  private final Rehearsal selection = new Rehearsal();
  private final Rehearsal scoring = new Rehearsal();
  private final Rehearsal norms = new Rehearsal();
  private final Rehearsal rootNorms = new Rehearsal();
  private final Rehearsal softmaxes = new Rehearsal();
  private final Rehearsal activating = new Rehearsal();
  private final Rehearsal rectifying = new Rehearsal();

  RehearsingKernels(Kernels vectors, Kernels twin) {
    this.vectors = vectors;
    this.twin = twin;
  }

  private static Map<WeightType, Rehearsal> perType() {
    var all = new EnumMap<WeightType, Rehearsal>(WeightType.class);
    for (WeightType type : WeightType.values()) {
      all.put(type, new Rehearsal());
    }
    return all;
  }

  /** Of the kernel for one of something, or of that for several. */
  private static Rehearsal of(Rehearsal[] oneAndSeveral, int count) {
    return oneAndSeveral[count == 1 ? 0 : 1];
  }

  private Map<WeightType, Rehearsal> packedProducts(int count) {
    return switch (count) {
      case 1 -> packedProduct;
      case 2 -> fewPackedProducts.getFirst();
      case 3, 4 -> fewPackedProducts.getLast();
      default -> packedProducts;
    };
  }

  private static boolean large(long tokens, long rows, long cols) {
    return tokens * rows * cols > MOST_WORK;
  }

  @Override
  public String name() {
    return vectors.name();
  }

  @Override
  public void multiply(
      Matrix w, FloatTensor x, int count, FloatTensor out, int rowFrom, int rowTo) {
    Rehearsal rehearsal = (count == 1 ? product : products).get(w.type());
    if (rehearsal.over() || large(count, rowTo - rowFrom, w.cols())) {
      vectors.multiply(w, x, count, out, rowFrom, rowTo);
      return;
    }
    long start = System.nanoTime();
    twin.multiply(w, x, count, out, rowFrom, rowTo);
    rehearsal.twinDid((double) count * (rowTo - rowFrom), start);
    if (rehearsal.due()) {
      int tokens = Math.min(count, TOKENS);
      int to = Math.min(rowTo, rowFrom + ROWS);
      start = System.nanoTime();
      vectors.multiply(w, x, tokens, out, rowFrom, to);
      rehearsal.vectorsDid((double) tokens * (to - rowFrom), start);
    }
  }

  @Override
  public void quantize(FloatTensor x, int token, ActivationCodes codes) {
    if (quantizing.over()) {
      vectors.quantize(x, token, codes);
      return;
    }
    long start = System.nanoTime();
    if (quantizing.due()) {
      vectors.quantize(x, token, codes);
      quantizing.vectorsDid(codes.cols(), start);
    } else {
      twin.quantize(x, token, codes);
      quantizing.twinDid(codes.cols(), start);
    }
  }

  @Override
  public void multiply(
      PackedMatrix w, ActivationCodes x, int count, FloatTensor out, int rowFrom, int rowTo) {
    Rehearsal rehearsal = packedProducts(count).get(w.type());
    if (rehearsal.over() || large(count, rowTo - rowFrom, w.cols())) {
      vectors.multiply(w, x, count, out, rowFrom, rowTo);
      return;
    }
    long start = System.nanoTime();
    twin.multiply(w, x, count, out, rowFrom, rowTo);
    rehearsal.twinDid((double) count * (rowTo - rowFrom), start);
    if (rehearsal.due()) {
      int tokens = Math.min(count, TOKENS);
      int to = Math.min(rowTo, rowFrom + ROWS);
      start = System.nanoTime();
      vectors.multiply(w, x, tokens, out, rowFrom, to);
      rehearsal.vectorsDid((double) tokens * (to - rowFrom), start);
    }
  }

  @Override
  public void multiplyRows(
      Matrix w, FloatTensor x, int token, int[] ids, int idFrom, int idTo, FloatTensor out) {
    Rehearsal rehearsal = product.get(w.type());
    if (rehearsal.over() || large(1, idTo - idFrom, w.cols())) {
      vectors.multiplyRows(w, x, token, ids, idFrom, idTo, out);
      return;
    }
    long start = System.nanoTime();
    twin.multiplyRows(w, x, token, ids, idFrom, idTo, out);
    rehearsal.twinDid(idTo - idFrom, start);
    if (rehearsal.due()) {
      int to = Math.min(idTo, idFrom + ROWS);
      start = System.nanoTime();
      vectors.multiplyRows(w, x, token, ids, idFrom, to, out);
      rehearsal.vectorsDid(to - idFrom, start);
    }
  }

  @Override
  public void multiplyRows(
      PackedMatrix w,
      ActivationCodes x,
      int token,
      int[] ids,
      int idFrom,
      int idTo,
      FloatTensor out) {
    Rehearsal rehearsal = packedProduct.get(w.type());
    if (rehearsal.over() || large(1, idTo - idFrom, w.cols())) {
      vectors.multiplyRows(w, x, token, ids, idFrom, idTo, out);
      return;
    }
    long start = System.nanoTime();
    twin.multiplyRows(w, x, token, ids, idFrom, idTo, out);
    rehearsal.twinDid(idTo - idFrom, start);
    if (rehearsal.due()) {
      int to = Math.min(idTo, idFrom + ROWS);
      start = System.nanoTime();
      vectors.multiplyRows(w, x, token, ids, idFrom, to, out);
      rehearsal.vectorsDid(to - idFrom, start);
    }
  }

  @Override
  public void multiplySharedRows(
      Matrix w, FloatTensor x, int count, int[] ids, int idFrom, int idTo, FloatTensor out) {
    Rehearsal rehearsal = (count == 1 ? product : products).get(w.type());
    if (rehearsal.over() || large(count, idTo - idFrom, w.cols())) {
      vectors.multiplySharedRows(w, x, count, ids, idFrom, idTo, out);
      return;
    }
    long start = System.nanoTime();
    twin.multiplySharedRows(w, x, count, ids, idFrom, idTo, out);
    rehearsal.twinDid((double) count * (idTo - idFrom), start);
    if (rehearsal.due()) {
      int tokens = Math.min(count, TOKENS);
      int to = Math.min(idTo, idFrom + ROWS);
      start = System.nanoTime();
      vectors.multiplySharedRows(w, x, tokens, ids, idFrom, to, out);
      rehearsal.vectorsDid((double) tokens * (to - idFrom), start);
    }
  }

  @Override
  public void multiplySharedRows(
      PackedMatrix w,
      ActivationCodes x,
      int count,
      int[] ids,
      int idFrom,
      int idTo,
      FloatTensor out) {
    Rehearsal rehearsal = packedProducts(count).get(w.type());
    if (rehearsal.over() || large(count, idTo - idFrom, w.cols())) {
      vectors.multiplySharedRows(w, x, count, ids, idFrom, idTo, out);
      return;
    }
    long start = System.nanoTime();
    twin.multiplySharedRows(w, x, count, ids, idFrom, idTo, out);
    rehearsal.twinDid((double) count * (idTo - idFrom), start);
    if (rehearsal.due()) {
      int tokens = Math.min(count, TOKENS);
      int to = Math.min(idTo, idFrom + ROWS);
      start = System.nanoTime();
      vectors.multiplySharedRows(w, x, tokens, ids, idFrom, to, out);
      rehearsal.vectorsDid((double) tokens * (to - idFrom), start);
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
    if (rehearsal.over() || large(count, neuronMajor.rows(), colTo - colFrom)) {
      vectors.accumulateRows(neuronMajor, activations, count, ids, idCounts, out, colFrom, colTo);
      return;
    }
    long start = System.nanoTime();
    twin.accumulateRows(neuronMajor, activations, count, ids, idCounts, out, colFrom, colTo);
    rehearsal.twinDid(colTo - colFrom, start);
    if (rehearsal.due()) {
      int to = Math.min(colTo, colFrom + COLUMNS);
      start = System.nanoTime();
      vectors.accumulateRows(neuronMajor, activations, count, ids, idCounts, out, colFrom, to);
      rehearsal.vectorsDid(to - colFrom, start);
    }
  }

  @Override
  public int nonZero(FloatTensor activations, int token, int from, int to, int[] ids, int idStart) {
    if (compaction.over()) {
      return vectors.nonZero(activations, token, from, to, ids, idStart);
    }
    long start = System.nanoTime();
    int count;
    if (compaction.due()) {
      count = vectors.nonZero(activations, token, from, to, ids, idStart);
      compaction.vectorsDid(to - from, start);
    } else {
      count = twin.nonZero(activations, token, from, to, ids, idStart);
      compaction.twinDid(to - from, start);
    }
    return count;
  }

  @Override
  public int above(
      FloatTensor activations,
      int token,
      int from,
      int to,
      FloatTensor thresholds,
      int row,
      int[] ids,
      int idStart) {
    if (thresholding.over()) {
      return vectors.above(activations, token, from, to, thresholds, row, ids, idStart);
    }
    long start = System.nanoTime();
    int count;
    if (thresholding.due()) {
      count = vectors.above(activations, token, from, to, thresholds, row, ids, idStart);
      thresholding.vectorsDid(to - from, start);
    } else {
      count = twin.above(activations, token, from, to, thresholds, row, ids, idStart);
      thresholding.twinDid(to - from, start);
    }
    return count;
  }

  @Override
  public int positive(FloatTensor scores, int token, int from, int to, int[] ids, int idStart) {
    if (selection.over()) {
      return vectors.positive(scores, token, from, to, ids, idStart);
    }
    long start = System.nanoTime();
    int count;
    if (selection.due()) {
      count = vectors.positive(scores, token, from, to, ids, idStart);
      selection.vectorsDid(to - from, start);
    } else {
      count = twin.positive(scores, token, from, to, ids, idStart);
      selection.twinDid(to - from, start);
    }
    return count;
  }

  @Override
  public void score(LaneRows w, FloatTensor x, int token, FloatTensor out, int from, int to) {
    if (scoring.over()) {
      vectors.score(w, x, token, out, from, to);
      return;
    }
    long start = System.nanoTime();
    if (scoring.due()) {
      vectors.score(w, x, token, out, from, to);
      scoring.vectorsDid(to - from, start);
    } else {
      twin.score(w, x, token, out, from, to);
      scoring.twinDid(to - from, start);
    }
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
    if (norms.over()) {
      vectors.layerNorm(x, token, column, weight, bias, epsilon, out);
      return;
    }
    long start = System.nanoTime();
    if (norms.due()) {
      vectors.layerNorm(x, token, column, weight, bias, epsilon, out);
      norms.vectorsDid(weight.cols(), start);
    } else {
      twin.layerNorm(x, token, column, weight, bias, epsilon, out);
      norms.twinDid(weight.cols(), start);
    }
  }

  @Override
  public void rmsNorm(
      FloatTensor x, int token, int column, FloatTensor weight, float epsilon, FloatTensor out) {
    if (rootNorms.over()) {
      vectors.rmsNorm(x, token, column, weight, epsilon, out);
      return;
    }
    long start = System.nanoTime();
    if (rootNorms.due()) {
      vectors.rmsNorm(x, token, column, weight, epsilon, out);
      rootNorms.vectorsDid(weight.cols(), start);
    } else {
      twin.rmsNorm(x, token, column, weight, epsilon, out);
      rootNorms.twinDid(weight.cols(), start);
    }
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
    if (softmaxes.over()) {
      vectors.softmax(x, token, count);
      return;
    }
    long start = System.nanoTime();
    if (softmaxes.due()) {
      vectors.softmax(x, token, count);
      softmaxes.vectorsDid(count, start);
    } else {
      twin.softmax(x, token, count);
      softmaxes.twinDid(count, start);
    }
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
    if (rehearsal.over() || large(rows, position + rows, 2L * cache.headSize())) {
      vectors.attend(rule, queries, row, rows, cache, head, blocks, position, out);
      return;
    }
    long start = System.nanoTime();
    twin.attend(rule, queries, row, rows, cache, head, blocks, position, out);
    rehearsal.twinDid(rows, start);
    if (rehearsal.due()) {
      int some = Math.min(rows, TOKENS);
      start = System.nanoTime();
      vectors.attend(rule, queries, row, some, cache, head, blocks, position, out);
      rehearsal.vectorsDid(some, start);
    }
  }

  @Override
  public void activate(Activation activation, FloatTensor x, int token, int from, int to) {
    if (activating.over()) {
      vectors.activate(activation, x, token, from, to);
      return;
    }
    long start = System.nanoTime();
    if (activating.due()) {
      vectors.activate(activation, x, token, from, to);
      activating.vectorsDid(to - from, start);
    } else {
      twin.activate(activation, x, token, from, to);
      activating.twinDid(to - from, start);
    }
  }

  @Override
  public void rectify(FloatTensor x, int token, int from, int to, float threshold) {
    if (rectifying.over()) {
      vectors.rectify(x, token, from, to, threshold);
      return;
    }
    long start = System.nanoTime();
    if (rectifying.due()) {
      vectors.rectify(x, token, from, to, threshold);
      rectifying.vectorsDid(to - from, start);
    } else {
      twin.rectify(x, token, from, to, threshold);
      rectifying.twinDid(to - from, start);
    }
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
