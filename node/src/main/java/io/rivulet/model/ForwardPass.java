package io.rivulet.model;

import io.rivulet.kernels.FloatTensor;
import io.rivulet.kernels.Kernels;
import io.rivulet.kernels.Matrix;
import io.rivulet.kernels.Rotations;
import io.rivulet.kernels.ThreadTeam;
import io.rivulet.kernels.WeightCodec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * Computes batches: the activations of one batch and the key-value cache. For one thread at a time;
 * the work of a step is divided among a team by output columns, rows, or pairs of row and head.
 *
 * <p>Each number is one kernel's sum over one row's data, in an order that depends on the model
 * alone. So a row's results are the same to the bit whatever else is in the batch, however a prompt
 * is cut into chunks, and however many threads compute. A step allocates nothing.
 *
 * <p>A block is {@code x += attention(norm(x)); x += ffn(norm(x))}.
 */
public final class ForwardPass implements AutoCloseable {

  /** Parts a thread, so that one who is held up does not hold up all. */
  private static final int PARTS_PER_THREAD = 4;

  private static final int PARTS_PER_THREAD_OF_ONE_ROW = 2;

  private final ModelSpec spec;
  private final Weights weights;
  private final Kernels kernels;
  private final ThreadTeam team;
  private final KeyValueCache cache;
  private final Arena arena = Arena.ofShared();

  private final FloatTensor rotations;
  private final FloatTensor x;
  private final FloatTensor normed;
  private final FloatTensor queries;
  private final FloatTensor keys;
  private final FloatTensor values;
  private final FloatTensor scores;
  private final FloatTensor delta;
  private final FloatTensor hidden;
  private final FloatTensor gate;
  private final FloatTensor logits;

  private final int[] allNeurons;
  private final int[][] activeNeurons;
  private final int[] activeCounts;
  private final int[] activeByLayer;

  // Tasks are made once: a step allocates nothing.
  private final ThreadTeam.Task embed = this::embed;
  private final ThreadTeam.Task attentionNorm = this::attentionNorm;
  private final ThreadTeam.Task project = this::project;
  private final ThreadTeam.Task rotateAndStore = this::rotateAndStore;
  private final ThreadTeam.Task attend = this::attend;
  private final ThreadTeam.Task attentionOutput = this::attentionOutput;
  private final ThreadTeam.Task ffnNorm = this::ffnNorm;
  private final ThreadTeam.Task up = this::up;
  private final ThreadTeam.Task findActive = this::findActive;
  private final ThreadTeam.Task down = this::down;
  private final ThreadTeam.Task output = this::output;

  // What the tasks work on, set before each is handed to the team.
  private Batch batch = new Batch(1);
  private LayerWeights layer;
  private int layerIndex;
  private int parts;
  private int columnParts;

  ForwardPass(
      ModelSpec spec,
      Weights weights,
      Kernels kernels,
      ThreadTeam team,
      int rows,
      int logitRows,
      int cacheTokens) {
    this.spec = spec;
    this.weights = weights;
    this.kernels = kernels;
    this.team = team;
    layer = weights.layers().getFirst();
    cache = new KeyValueCache(spec, cacheTokens, arena);
    int positions = Math.min(spec.context(), cacheTokens);
    rotations = rotations(positions);
    x = FloatTensor.allocate(arena, rows, spec.width());
    normed = FloatTensor.allocate(arena, rows, spec.width());
    queries = FloatTensor.allocate(arena, rows, spec.queryWidth());
    keys = FloatTensor.allocate(arena, rows, spec.keyValueWidth());
    values = FloatTensor.allocate(arena, rows, spec.keyValueWidth());
    scores = FloatTensor.allocate(arena, team.threads() * PARTS_PER_THREAD, positions);
    delta = FloatTensor.allocate(arena, rows, spec.width());
    hidden = FloatTensor.allocate(arena, rows, spec.neurons());
    gate = spec.gated() ? FloatTensor.allocate(arena, rows, spec.neurons()) : hidden;
    logits = FloatTensor.allocate(arena, logitRows, spec.vocabulary());
    allNeurons = IntStream.range(0, spec.neurons()).toArray();
    activeNeurons = new int[rows][spec.sparse() ? spec.neurons() : 0];
    activeCounts = new int[rows];
    activeByLayer = new int[rows * spec.layers()];
  }

  /** Of every position once: StrictMath's sines allocate. */
  private FloatTensor rotations(int positions) {
    FloatTensor table = FloatTensor.allocate(arena, positions, spec.rotaryDims());
    for (int position = 0; position < positions; position++) {
      Rotations.fill(weights.frequencies(), 1, position, table, position);
    }
    return table;
  }

  /** Positions that fit the key-value cache, all sequences together. */
  public int cacheTokens() {
    return cache.capacity();
  }

  /**
   * Computes the batch: keys and values of its rows go to the cache, the scores that it wants to
   * {@link #logits()}.
   *
   * @throws IndexOutOfBoundsException if a token or a position is out of range, or the batch does
   *     not fit
   */
  public void run(Batch rows) {
    check(rows);
    batch = rows;
    byRow(embed);
    for (int i = 0; i < spec.layers(); i++) {
      layerIndex = i;
      layer = weights.layers().get(i);
      attention();
      ffn();
    }
    if (rows.logitCount() > 0) {
      gatherNormedLogitRows();
      byColumn(spec.vocabulary(), output);
    }
  }

  /**
   * The scores of the next token, a row for each row of the last batch that wanted them, in the
   * batch's order. Overwritten by the next batch; the caller may change them.
   */
  public FloatTensor logits() {
    return logits;
  }

  /** How many rows of a layer's down projection were read for a row of the last batch. */
  public int activeNeurons(int row, int layerOfModel) {
    return activeByLayer[row * spec.layers() + layerOfModel];
  }

  /** Frees the memory. */
  @Override
  public void close() {
    arena.close();
  }

  private void check(Batch rows) {
    Objects.checkFromIndexSize(0, rows.size(), x.rows());
    Objects.checkFromIndexSize(0, rows.logitCount(), logits.rows());
    for (int row = 0; row < rows.size(); row++) {
      Objects.checkIndex(rows.token(row), spec.vocabulary());
      Objects.checkIndex(rows.position(row), spec.context());
      Objects.checkIndex(rows.cacheRow(row), cache.capacity());
    }
  }

  private void attention() {
    byRow(attentionNorm);
    byColumn(padded(spec.queryWidth()) + 2 * padded(spec.keyValueWidth()), project);
    byRow(rotateAndStore);
    parts = Math.min(batch.size() * spec.heads(), scores.rows());
    team.run(parts, attend);
    byColumn(spec.width(), attentionOutput);
  }

  private void ffn() {
    byRow(ffnNorm);
    byColumn(spec.neurons(), up);
    byRow(findActive);
    if (layer.down() instanceof Down.Dense) {
      byColumn(spec.width(), down);
    } else {
      columnParts = Split.parts(spec.width(), Math.ceilDiv(team.threads(), batch.size()));
      team.run(batch.size() * columnParts, down);
    }
  }

  private void byRow(ThreadTeam.Task task) {
    team.run(batch.size(), task);
  }

  private void byColumn(int columns, ThreadTeam.Task task) {
    int each = batch.size() == 1 ? PARTS_PER_THREAD_OF_ONE_ROW : PARTS_PER_THREAD;
    parts = Split.parts(columns, team.threads() == 1 ? 1 : team.threads() * each);
    team.run(parts, task);
  }

  private static int padded(int columns) {
    return Math.ceilDiv(columns, 16) * 16;
  }

  private void embed(int row) {
    WeightCodec.decodeRow(weights.embedding(), batch.token(row), x, row);
  }

  private void attentionNorm(int row) {
    layer.attentionNorm().apply(kernels, x, row, spec.epsilon(), normed);
  }

  private void ffnNorm(int row) {
    layer.ffnNorm().apply(kernels, x, row, spec.epsilon(), normed);
  }

  /** Queries, keys and values as one range of columns, so that one hand-off does for all three. */
  private void project(int part) {
    int query = padded(spec.queryWidth());
    int keyValue = padded(spec.keyValueWidth());
    int from = Split.start(query + 2 * keyValue, parts, part);
    int to = Split.start(query + 2 * keyValue, parts, part + 1);
    projectSome(layer.query(), queries, from, to);
    projectSome(layer.key(), keys, from - query, to - query);
    projectSome(layer.value(), values, from - query - keyValue, to - query - keyValue);
  }

  private void projectSome(Linear linear, FloatTensor out, int from, int to) {
    int first = Math.max(0, from);
    int end = Math.min(linear.outputs(), to);
    if (first < end) {
      linear.apply(kernels, normed, batch.size(), out, first, end);
    }
  }

  private void rotateAndStore(int row) {
    rotate(queries, row, spec.heads());
    rotate(keys, row, spec.keyValueHeads());
    cache.store(layerIndex, batch.cacheRow(row), keys, values, row);
  }

  private void rotate(FloatTensor vectors, int row, int heads) {
    for (int head = 0; head < heads; head++) {
      int column = head * spec.headSize();
      kernels.rope(
          spec.ropeLayout(),
          vectors,
          row,
          column,
          spec.rotaryDims(),
          rotations,
          batch.position(row));
    }
  }

  private void attend(int part) {
    int pairs = batch.size() * spec.heads();
    int sharing = spec.heads() / spec.keyValueHeads();
    float scale = (float) (1 / Math.sqrt(spec.headSize()));
    for (int pair = part; pair < pairs; pair += parts) {
      int row = pair / spec.heads();
      int head = pair % spec.heads();
      kernels.attend(
          queries,
          row,
          head * spec.headSize(),
          spec.headSize(),
          cache.keys(layerIndex),
          cache.values(layerIndex),
          batch.cacheStart(row),
          batch.position(row) + 1,
          head / sharing * spec.headSize(),
          scale,
          0,
          scores,
          part,
          queries);
    }
  }

  private void attentionOutput(int part) {
    int from = Split.start(spec.width(), parts, part);
    int to = Split.start(spec.width(), parts, part + 1);
    layer.attentionOutput().apply(kernels, queries, batch.size(), delta, from, to);
    for (int row = 0; row < batch.size(); row++) {
      kernels.add(x, delta, row, from, to);
    }
  }

  private void up(int part) {
    int from = Split.start(spec.neurons(), parts, part);
    int to = Split.start(spec.neurons(), parts, part + 1);
    layer.up().apply(kernels, normed, batch.size(), hidden, from, to);
    if (layer.gate().isPresent()) {
      layer.gate().get().apply(kernels, normed, batch.size(), gate, from, to);
    }
    for (int row = 0; row < batch.size(); row++) {
      kernels.activate(spec.activation(), gate, row, from, to);
      if (spec.gated()) {
        kernels.multiply(hidden, gate, row, from, to);
      }
    }
  }

  private void findActive(int row) {
    int active = spec.neurons();
    if (batch.sparse(row) && spec.sparse()) {
      active = kernels.nonZero(hidden, row, 0, spec.neurons(), activeNeurons[row], 0);
    }
    activeCounts[row] = active;
    activeByLayer[row * spec.layers() + layerIndex] = active;
  }

  private void down(int part) {
    switch (layer.down()) {
      case Down.Dense(Linear linear) -> downDense(linear, part);
      case Down.NeuronMajor sparse -> downOfRow(sparse, part);
    }
  }

  private void downDense(Linear linear, int part) {
    int from = Split.start(spec.width(), parts, part);
    int to = Split.start(spec.width(), parts, part + 1);
    linear.apply(kernels, hidden, batch.size(), delta, from, to);
    for (int row = 0; row < batch.size(); row++) {
      kernels.add(x, delta, row, from, to);
    }
  }

  private void downOfRow(Down.NeuronMajor sparse, int part) {
    int row = part / columnParts;
    int from = Split.start(spec.width(), columnParts, part % columnParts);
    int to = Split.start(spec.width(), columnParts, part % columnParts + 1);
    int[] ids = activeCounts[row] == spec.neurons() ? allNeurons : activeNeurons[row];
    kernels.accumulateRows(sparse.rows(), hidden, row, ids, activeCounts[row], delta, from, to);
    if (sparse.bias().isPresent()) {
      kernels.addBias(delta, sparse.bias().get(), row, from, to);
    }
    kernels.add(x, delta, row, from, to);
  }

  /** Rows that want logits become the first rows of normed: ascending, so none is overwritten. */
  private void gatherNormedLogitRows() {
    for (int i = 0; i < batch.logitCount(); i++) {
      int row = batch.logitRow(i);
      weights.outputNorm().apply(kernels, x, row, spec.epsilon(), normed);
      MemorySegment.copy(
          normed.data(),
          normed.offset(row, 0),
          normed.data(),
          normed.offset(i, 0),
          (long) spec.width() * Float.BYTES);
    }
  }

  private void output(int part) {
    Matrix matrix = weights.output();
    int from = Split.start(spec.vocabulary(), parts, part);
    int to = Split.start(spec.vocabulary(), parts, part + 1);
    kernels.multiply(matrix, normed, batch.logitCount(), logits, from, to);
  }
}
