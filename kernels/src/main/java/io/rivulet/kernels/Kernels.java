package io.rivulet.kernels;

/**
 * What a transformer computes, over memory outside the Java heap. All implementations give the same
 * bits: every sum runs in an order that depends on the shapes alone, not on vector width, threads,
 * the size of the batch or how rows and columns are split.
 *
 * <p>A dot product is summed in 16 lanes: lane l takes columns l, l + 16, l + 32, ... by fused
 * multiply-add; the lanes are added as a tree (l and l + 8, then l + 4, l + 2, l + 1); columns past
 * the last multiple of 16 follow one by one.
 *
 * <p>Weights count with the exact value that they are stored with, so that the same values stored
 * in two types of a {@link Matrix} give the same result; {@link PackedMatrix} is multiplied by
 * activations that were rounded to int8. Weights must be finite: what an F16 infinity or NaN counts
 * as depends on the implementation.
 *
 * <p>Methods are safe to call from several threads at once where they write to different elements,
 * and allocate nothing once warm. In what follows {@code token} is a row of an activation tensor.
 * Wrong shapes and ranges are refused with IllegalArgumentException or IndexOutOfBoundsException
 * before anything is written.
 */
public interface Kernels {

  /**
   * The fastest implementation that this JVM can run well: the Vector API where its module is
   * resolved and C2 compiles, otherwise the scalar twin, with a warning that says what to change.
   * The system property {@code rivulet.kernels} ({@code vector}, {@code vector256}, {@code
   * vector128} or {@code scalar}) overrides the choice.
   *
   * @throws IllegalArgumentException if the property has another value
   * @throws IllegalStateException if it asks for vectors and the module is not resolved
   */
  static Kernels select() {
    return KernelsSelection.select();
  }

  /** The implementation without vectors, which every JVM runs: slow, and the others' measure. */
  static Kernels scalar() {
    return new ScalarKernels();
  }

  /** A name for logs and reports, such as {@code vector512} or {@code scalar}. */
  String name();

  /**
   * Matrix times activations: {@code out[i][r] = sum over c of w[r][c] * x[i][c]} for i from 0 to
   * {@code count} - 1 and r from {@code rowFrom} to {@code rowTo} - 1. Weights are read once for
   * several tokens.
   *
   * @param x at least {@code count} rows of {@code w.cols()} columns
   * @param out at least {@code count} rows of {@code w.rows()} columns, other memory than x
   */
  void multiply(Matrix w, FloatTensor x, int count, FloatTensor out, int rowFrom, int rowTo);

  /**
   * Writes a row of activations to the same row of codes: each block of 32 in whole numbers from
   * -127 to 127, to nearest, ties to even, of its largest magnitude / 127.
   *
   * @param x at least {@code codes.cols()} columns
   */
  void quantize(FloatTensor x, int token, ActivationCodes codes);

  /**
   * As {@link #multiply(Matrix, FloatTensor, int, FloatTensor, int, int)}, with the values that
   * codes and scales stand for. Products of codes are added up exactly for each lane of a group
   * (see {@link LaneGroups}), and times both scales go to the lane's sum by fused multiply-add, a
   * group after another; the lanes are added as ever.
   */
  void multiply(
      PackedMatrix w, ActivationCodes x, int count, FloatTensor out, int rowFrom, int rowTo);

  /**
   * As {@link #multiply(Matrix, FloatTensor, int, FloatTensor, int, int)}, to the same bits, for
   * some rows and one token: {@code out[token][r] = sum over c of w[r][c] * x[token][c]} for r =
   * {@code ids[i]}, i from {@code idFrom} to {@code idTo} - 1. The rest of out stays as it is.
   *
   * @param ids ascending from idFrom to idTo - 1, each once
   */
  void multiplyRows(
      Matrix w, FloatTensor x, int token, int[] ids, int idFrom, int idTo, FloatTensor out);

  /** The same for packed weights, to the bits of their product. */
  void multiplyRows(
      PackedMatrix w,
      ActivationCodes x,
      int token,
      int[] ids,
      int idFrom,
      int idTo,
      FloatTensor out);

  /**
   * As {@link #multiplyRows(Matrix, FloatTensor, int, int[], int, int, FloatTensor)}, for the
   * tokens from 0 to {@code count} - 1, which share the ids: weights are read once for several
   * tokens.
   */
  void multiplySharedRows(
      Matrix w, FloatTensor x, int count, int[] ids, int idFrom, int idTo, FloatTensor out);

  /** The same for packed weights, to the bits of their product. */
  void multiplySharedRows(
      PackedMatrix w,
      ActivationCodes x,
      int count,
      int[] ids,
      int idFrom,
      int idTo,
      FloatTensor out);

  /**
   * The down projection of a sparse feed-forward network: {@code out[t][c] = sum over i of
   * activations[t][ids[t][i]] * w[ids[t][i]][c]} for t from 0 to {@code count} - 1, i from 0 to
   * {@code idCounts[t]} - 1 in this order, and c from {@code colFrom} to {@code colTo} - 1. The sum
   * is sequential: leaving out ids whose activation is zero changes nothing. Weights that several
   * tokens need are read once.
   *
   * @param neuronMajor a row a neuron: the down projection transposed; a Matrix in F32, F16 or BF16
   * @param activations at least {@code count} rows; columns are neurons
   * @param ids for each token its active neurons, ascending, each once
   * @param idCounts how many there are
   * @param out at least {@code count} rows, other memory than activations
   * @param colFrom a multiple of {@link NeuronRows#columnStep()}
   * @param colTo as colFrom, or where the rows end
   */
  void accumulateRows(
      NeuronRows neuronMajor,
      FloatTensor activations,
      int count,
      int[][] ids,
      int[] idCounts,
      FloatTensor out,
      int colFrom,
      int colTo);

  /**
   * Writes the columns from {@code from} to {@code to} - 1 whose activation is not zero, ascending,
   * to {@code ids} from {@code idStart} on.
   *
   * @param ids room for {@code to - from} ids from idStart on
   * @return how many there are
   */
  int nonZero(FloatTensor activations, int token, int from, int to, int[] ids, int idStart);

  /**
   * As {@link #nonZero}, for the columns whose activation is of a magnitude greater than their
   * threshold: {@code |activations[token][c]| > thresholds[row][c]}.
   *
   * @param thresholds at least {@code to} columns
   */
  int above(
      FloatTensor activations,
      int token,
      int from,
      int to,
      FloatTensor thresholds,
      int row,
      int[] ids,
      int idStart);

  /** As {@link #nonZero}, for the columns whose score is greater than zero. */
  int positive(FloatTensor scores, int token, int from, int to, int[] ids, int idStart);

  /**
   * Matrix times one token, and a bias a row: {@code out[token][r] = bias[r] + scale[r] * s * (sum
   * over c of code[r][c] * round(x[token][c] / s))} for r from {@code from} to {@code to} - 1. The
   * activations are rounded to whole numbers from -127 to 127, to nearest, ties to even, where s is
   * their largest magnitude / 127; the sum is exact.
   *
   * @param x at least {@code w.cols()} columns
   * @param out at least {@code w.rows()} columns, other memory than x
   * @param from a multiple of 16
   * @param to as from, or where the rows end
   */
  void score(LaneRows w, FloatTensor x, int token, FloatTensor out, int from, int to);

  /**
   * Layer normalisation (arXiv:1607.06450, equations 3 and 4) of the {@code weight.cols()} elements
   * from {@code column} on: {@code (x - mean) / sqrt(variance + epsilon) * weight + bias}.
   *
   * @param bias as many columns as weight
   * @param out takes the result at the same place; may be x
   */
  void layerNorm(
      FloatTensor x,
      int token,
      int column,
      FloatTensor weight,
      FloatTensor bias,
      float epsilon,
      FloatTensor out);

  /**
   * Root mean square normalisation (arXiv:1910.07467, equation 4) of the {@code weight.cols()}
   * elements from {@code column} on: {@code x / sqrt(mean of x^2 + epsilon) * weight}.
   *
   * @param out takes the result at the same place; may be x
   */
  void rmsNorm(
      FloatTensor x, int token, int column, FloatTensor weight, float epsilon, FloatTensor out);

  /**
   * Rotary positions for one head, in place: the first {@code dims} elements from {@code column} on
   * turn, the rest of the head stays.
   *
   * @param dims elements that turn, even
   * @param rotations as {@link Rotations#fill} writes them
   * @param row the row of rotations for the token's position
   */
  void rope(
      RopeLayout layout,
      FloatTensor x,
      int token,
      int column,
      int dims,
      FloatTensor rotations,
      int row);

  /** Replaces the first {@code count} elements by their softmax. */
  void softmax(FloatTensor x, int token, int count);

  /**
   * Attention (arXiv:1706.03762, equation 1) of rows of one sequence to one head of keys and
   * values: {@code softmax(scale * q . k) v} for each query head that shares it, over the positions
   * that the rule lets a row see.
   *
   * <p>A score is a sum over the head's numbers in order, times the scale. Positions are taken in
   * segments of 128 from position 0 on, each relative to the largest score so far: where a segment
   * raises it, what was found before is multiplied by exp(before - now) (arXiv:2205.14135). The
   * weights of a segment are summed in 16 lanes, lane l from its first visible position + l on;
   * values are summed one position after another, and divided by the sum of weights at the end. So
   * the bits depend on a row's position alone, not on the blocks' numbers nor on the rows beside.
   *
   * @param rule what rows see, and the scale
   * @param queries the heads of a row one after another; those that share head h of the keys are h
   *     * sharing to (h + 1) * sharing - 1
   * @param row the first row; its position is {@code position}
   * @param rows how many consecutive rows, at consecutive positions
   * @param cache has the keys and values of all positions up to the last row's; they count with the
   *     value that they are stored with
   * @param head of keys and values
   * @param blocks {@code blocks[i]} is the block that holds the sequence's positions from {@code 32
   *     * i} on
   * @param out takes the results where the queries stand; other memory than queries
   */
  void attend(
      AttentionRule rule,
      FloatTensor queries,
      int row,
      int rows,
      KeyValueBlocks cache,
      int head,
      int[] blocks,
      int position,
      FloatTensor out);

  /** Applies the function to the columns from {@code from} to {@code to} - 1, in place. */
  void activate(Activation activation, FloatTensor x, int token, int from, int to);

  /**
   * FATReLU, a ReLU that only values above a threshold pass (Kurtz et al. 2020): {@code x} where
   * {@code x > threshold}, otherwise 0, for the columns from {@code from} to {@code to} - 1, in
   * place. With threshold 0 it is {@link Activation#RELU}.
   */
  void rectify(FloatTensor x, int token, int from, int to, float threshold);

  /**
   * {@code cap * tanh(x / cap)} for the columns from {@code from} to {@code to} - 1, in place, to
   * within 5 units in the last place.
   *
   * @param cap more than 0
   */
  void softCap(FloatTensor x, int token, int from, int to, float cap);

  /** {@code x[token][c] += y[token][c]} for c from {@code from} to {@code to} - 1. */
  void add(FloatTensor x, FloatTensor y, int token, int from, int to);

  /** {@code x[token][c] += bias[0][c]} for c from {@code from} to {@code to} - 1. */
  void addBias(FloatTensor x, FloatTensor bias, int token, int from, int to);

  /** {@code x[token][c] *= y[token][c]} for c from {@code from} to {@code to} - 1. */
  void multiply(FloatTensor x, FloatTensor y, int token, int from, int to);

  /** {@code x[token][c] *= factor} for c from {@code from} to {@code to} - 1. */
  void scale(FloatTensor x, int token, int from, int to, float factor);
}
