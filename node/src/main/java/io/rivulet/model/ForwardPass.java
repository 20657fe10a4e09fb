package io.rivulet.model;

import io.rivulet.kernels.Activation;
import io.rivulet.kernels.FloatTensor;
import io.rivulet.kernels.Kernels;
import io.rivulet.kernels.Rotations;
import io.rivulet.kernels.ThreadTeam;
import io.rivulet.kernels.WeightCodec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Computes batches: the activations of one batch and the key-value cache. For one thread at a time;
 * the work of a step is divided among a team by output columns, rows, or pairs of row and head.
 *
 * <p>Each number is one kernel's sum over one row's data, in an order that depends on the model
 * alone. So a row's results are the same to the bit whatever else is in the batch, however a prompt
 * is cut into chunks, and however many threads compute. A step allocates nothing.
 *
 * <p>A block is {@code x += attention(norm(x)); x += ffn(norm(x))}, with more norms in some models,
 * and with the x of before for both in others (see {@link NormSpec} and {@link
 * ModelSpec#parallel}).
 */
public final class ForwardPass implements AutoCloseable {

  /** Parts a thread, so that one who is held up does not hold up all. */
  private static final int PARTS_PER_THREAD = 4;

  private static final int PARTS_PER_THREAD_OF_ONE_ROW = 2;

  private final ModelSpec spec;
  private final AttentionSpec attention;
  private final Weights weights;
  private final Kernels kernels;
  private final ThreadTeam team;
  private final KeyValueCache cache;
  private final Arena arena = Arena.ofShared();

  private final Optional<FloatTensor> rotations;
  private final Optional<FloatTensor> localRotations;
  private final FloatTensor x;
  private final FloatTensor normed;
  private final FloatTensor ffnNormed;
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
  private final ThreadTeam.Task normBlock = this::normBlock;
  private final ThreadTeam.Task project = this::project;
  private final ThreadTeam.Task rotateAndStore = this::rotateAndStore;
  private final ThreadTeam.Task attend = this::attend;
  private final ThreadTeam.Task innerAttentionNorm = this::innerAttentionNorm;
  private final ThreadTeam.Task attentionOutput = this::attentionOutput;
  private final ThreadTeam.Task addNormed = this::addNormed;
  private final ThreadTeam.Task ffnNorm = this::ffnNorm;
  private final ThreadTeam.Task up = this::up;
  private final ThreadTeam.Task findActive = this::findActive;
  private final ThreadTeam.Task down = this::down;
  private final ThreadTeam.Task output = this::output;

  // What the tasks work on, set before each is handed to the team.
  private Batch batch = new Batch(1);
  private LayerWeights layer;
  private Optional<Norm> normAfter = Optional.empty();
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
    attention = spec.attention();
    this.weights = weights;
    this.kernels = kernels;
    this.team = team;
    layer = weights.layers().getFirst();
    cache = new KeyValueCache(spec, cacheTokens, arena);
    int positions = Math.min(spec.context(), cacheTokens);
    rotations = spec.rope().map(rope -> rotations(rope, rope.global(), positions));
    localRotations =
        spec.rope()
            .filter(rope -> attention.window() > 0 && !rope.local().equals(rope.global()))
            .map(rope -> rotations(rope, rope.local(), positions))
            .or(() -> rotations);
    x = FloatTensor.allocate(arena, rows, spec.width());
    normed = FloatTensor.allocate(arena, rows, spec.width());
    ffnNormed = spec.parallel() ? FloatTensor.allocate(arena, rows, spec.width()) : normed;
    queries = FloatTensor.allocate(arena, rows, attention.queryWidth());
    keys = FloatTensor.allocate(arena, rows, attention.keyValueWidth());
    values = FloatTensor.allocate(arena, rows, attention.keyValueWidth());
    scores = FloatTensor.allocate(arena, team.threads() * PARTS_PER_THREAD, positions);
    delta = FloatTensor.allocate(arena, rows, spec.width());
    hidden = FloatTensor.allocate(arena, rows, spec.neurons());
    gate = spec.feedForward().gated() ? FloatTensor.allocate(arena, rows, spec.neurons()) : hidden;
    logits = FloatTensor.allocate(arena, logitRows, spec.vocabulary());
    allNeurons = IntStream.range(0, spec.neurons()).toArray();
    activeNeurons = new int[rows][spec.sparse() ? spec.neurons() : 0];
    activeCounts = new int[rows];
    activeByLayer = new int[rows * spec.layers()];
  }

  /** Of every position once: StrictMath's sines allocate. */
  private FloatTensor rotations(RopeSpec rope, RopeScaling scaling, int positions) {
    FloatTensor table = FloatTensor.allocate(arena, positions, rope.dims());
    float[] frequencies = scaling.frequencies(rope.dims(), weights.frequencyDivisors());
    for (int position = 0; position < positions; position++) {
      Rotations.fill(frequencies, scaling.magnitude(), position, table, position);
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
    byRow(normBlock);
    byColumn(padded(attention.queryWidth()) + 2 * padded(attention.keyValueWidth()), project);
    byRow(rotateAndStore);
    parts = Math.min(batch.size() * attention.heads(), scores.rows());
    team.run(parts, attend);
    if (layer.attention().innerNorm().isPresent()) {
      byRow(innerAttentionNorm);
    }
    normAfter = layer.attention().normAfter();
    byColumn(spec.width(), attentionOutput);
    addNormed();
  }

  private void ffn() {
    if (!spec.parallel()) {
      byRow(ffnNorm);
    }
    byColumn(spec.neurons(), up);
    byRow(findActive);
    normAfter = layer.feedForward().normAfter();
    if (layer.down() instanceof Down.Dense) {
      byColumn(spec.width(), down);
    } else {
      columnParts = Split.parts(spec.width(), Math.ceilDiv(team.threads(), batch.size()));
      team.run(batch.size() * columnParts, down);
    }
    addNormed();
  }

  /** Where a norm comes after, {@link #addDelta} has left it all to this. */
  private void addNormed() {
    if (normAfter.isPresent()) {
      byRow(addNormed);
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
    if (spec.embeddingScale() != 1) {
      kernels.scale(x, row, 0, spec.width(), spec.embeddingScale());
    }
    if (weights.positions().isPresent()) {
      WeightCodec.decodeRow(weights.positions().get(), batch.position(row), delta, row);
      kernels.add(x, delta, row, 0, spec.width());
    }
  }

  private void normBlock(int row) {
    norm(layer.attention().norm(), x, row, normed);
    if (spec.parallel()) {
      ffnNorm(row);
    }
  }

  private void ffnNorm(int row) {
    norm(layer.feedForward().norm(), x, row, ffnNormed);
  }

  private void innerAttentionNorm(int row) {
    norm(layer.attention().innerNorm().orElseThrow(), queries, row, queries);
  }

  private void norm(Norm norm, FloatTensor from, int row, FloatTensor to) {
    norm.apply(kernels, from, row, 0, spec.norms().epsilon(), to);
  }

  private void addNormed(int row) {
    norm(normAfter.orElseThrow(), delta, row, delta);
    kernels.add(x, delta, row, 0, spec.width());
  }

  /** Adds what attention or FFN has found to x, unless a norm of the whole row comes first. */
  private void addDelta(int row, int from, int to) {
    if (normAfter.isEmpty()) {
      kernels.add(x, delta, row, from, to);
    }
  }

  /** Queries, keys and values as one range of columns, so that one hand-off does for all three. */
  private void project(int part) {
    int query = padded(attention.queryWidth());
    int keyValue = padded(attention.keyValueWidth());
    int from = Split.start(query + 2 * keyValue, parts, part);
    int to = Split.start(query + 2 * keyValue, parts, part + 1);
    projectSome(layer.attention().query(), queries, from, to);
    projectSome(layer.attention().key(), keys, from - query, to - query);
    projectSome(layer.attention().value(), values, from - query - keyValue, to - query - keyValue);
  }

  private void projectSome(Linear linear, FloatTensor out, int from, int to) {
    int first = Math.max(0, from);
    int end = Math.min(linear.outputs(), to);
    if (first < end) {
      linear.apply(kernels, normed, batch.size(), out, first, end);
    }
  }

  private void rotateAndStore(int row) {
    normAndRotate(layer.attention().queryNorm(), queries, row, attention.heads());
    normAndRotate(layer.attention().keyNorm(), keys, row, attention.keyValueHeads());
    cache.store(layerIndex, batch.cacheRow(row), keys, values, row);
  }

  private void normAndRotate(Optional<Norm> norm, FloatTensor vectors, int row, int heads) {
    Optional<FloatTensor> table = attention.local(layerIndex) ? localRotations : rotations;
    for (int head = 0; head < heads; head++) {
      int column = head * attention.headSize();
      if (norm.isPresent()) {
        norm.get().apply(kernels, vectors, row, column, spec.norms().epsilon(), vectors);
      }
      if (spec.rope().isPresent()) {
        RopeSpec rope = spec.rope().get();
        FloatTensor rotation = table.orElseThrow();
        int position = batch.position(row);
        kernels.rope(rope.layout(), vectors, row, column, rope.dims(), rotation, position);
      }
    }
  }

  private void attend(int part) {
    int pairs = batch.size() * attention.heads();
    int sharing = attention.heads() / attention.keyValueHeads();
    for (int pair = part; pair < pairs; pair += parts) {
      int row = pair / attention.heads();
      int head = pair % attention.heads();
      int first = attention.firstVisible(layerIndex, batch.position(row));
      kernels.attend(
          queries,
          row,
          head * attention.headSize(),
          attention.headSize(),
          cache.keys(layerIndex),
          cache.values(layerIndex),
          batch.cacheStart(row) + first,
          batch.position(row) + 1 - first,
          head / sharing * attention.headSize(),
          attention.scale(),
          attention.softCap(),
          scores,
          part,
          queries);
    }
  }

  private void attentionOutput(int part) {
    int from = Split.start(spec.width(), parts, part);
    int to = Split.start(spec.width(), parts, part + 1);
    layer.attention().output().apply(kernels, queries, batch.size(), delta, from, to);
    for (int row = 0; row < batch.size(); row++) {
      addDelta(row, from, to);
    }
  }

  private void up(int part) {
    int from = Split.start(spec.neurons(), parts, part);
    int to = Split.start(spec.neurons(), parts, part + 1);
    FeedForwardWeights ffn = layer.feedForward();
    ffn.up().apply(kernels, ffnNormed, batch.size(), hidden, from, to);
    if (ffn.gate().isPresent()) {
      ffn.gate().get().apply(kernels, ffnNormed, batch.size(), gate, from, to);
    }
    for (int row = 0; row < batch.size(); row++) {
      activate(row, from, to);
    }
  }

  private void activate(int row, int from, int to) {
    FeedForwardSpec ffn = spec.feedForward();
    if (ffn.threshold() > 0) {
      kernels.rectify(gate, row, from, to, ffn.threshold());
    } else {
      kernels.activate(ffn.activation(), gate, row, from, to);
    }
    if (ffn.upRectified()) {
      kernels.activate(Activation.RELU, hidden, row, from, to);
    }
    if (ffn.gated()) {
      kernels.multiply(hidden, gate, row, from, to);
    }
  }

  /** A zero stays zero in the norm, which has no bias where there is one. */
  private void findActive(int row) {
    if (layer.feedForward().innerNorm().isPresent()) {
      norm(layer.feedForward().innerNorm().get(), hidden, row, hidden);
    }
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
      addDelta(row, from, to);
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
    addDelta(row, from, to);
  }

  /** Rows that want logits become the first rows of normed: ascending, so none is overwritten. */
  private void gatherNormedLogitRows() {
    for (int i = 0; i < batch.logitCount(); i++) {
      int row = batch.logitRow(i);
      norm(weights.outputNorm(), x, row, normed);
      MemorySegment.copy(
          normed.data(),
          normed.offset(row, 0),
          normed.data(),
          normed.offset(i, 0),
          (long) spec.width() * Float.BYTES);
    }
  }

  private void output(int part) {
    int from = Split.start(spec.vocabulary(), parts, part);
    int to = Split.start(spec.vocabulary(), parts, part + 1);
    weights.output().apply(kernels, normed, batch.logitCount(), logits, from, to);
    for (int i = 0; i < batch.logitCount() && spec.logitCap() > 0; i++) {
      kernels.softCap(logits, i, from, to, spec.logitCap());
    }
  }
}
