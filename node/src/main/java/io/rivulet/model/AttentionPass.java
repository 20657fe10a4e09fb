package io.rivulet.model;

import io.rivulet.kernels.AttentionRule;
import io.rivulet.kernels.FloatTensor;
import io.rivulet.kernels.Kernels;
import io.rivulet.kernels.KeyValueBlocks;
import io.rivulet.kernels.KeyValueType;
import io.rivulet.kernels.Rotations;
import io.rivulet.kernels.ThreadTeam;
import java.lang.foreign.Arena;
import java.util.Optional;

/** Attention of a batch's rows, layer by layer, over the positions in its cache. */
final class AttentionPass {

  /** Rows of a sequence that one part has at most: enough to share reads, few enough to divide. */
  private static final int MOST_ROWS = 32;

  private final ModelSpec spec;
  private final AttentionSpec attention;
  private final float epsilon;
  private final Kernels kernels;
  private final StepWork work;
  private final Residual residual;
  private final LinearInput input;
  private final KeyValueCache cache;
  private final AttentionRule global;
  private final AttentionRule local;
  private final Optional<FloatTensor> rotations;
  private final Optional<FloatTensor> localRotations;
  private final FloatTensor queries;
  private final FloatTensor keys;
  private final FloatTensor values;
  private final LinearInput found;

  private final ThreadTeam.Task project = this::project;
  private final ThreadTeam.Task rotateAndStore = this::rotateAndStore;
  private final ThreadTeam.Task attend = this::attend;
  private final ThreadTeam.Task finishFound = this::finishFound;
  private final ThreadTeam.Task output = this::output;

  // What the tasks work on.
  private final int[] runs;
  private Batch batch = new Batch(1);
  private AttentionWeights weights;
  private int layer;

  /**
   * Memory for it.
   *
   * @param input what it reads, normalised: rows x width
   */
  AttentionPass(
      ModelSpec spec,
      Weights model,
      Kernels kernels,
      StepWork work,
      Residual residual,
      LinearInput input,
      Arena arena,
      int cacheTokens,
      KeyValueType cacheType) {
    this.spec = spec;
    attention = spec.attention();
    epsilon = spec.norms().epsilon();
    this.kernels = kernels;
    this.work = work;
    this.residual = residual;
    this.input = input;
    weights = model.layers().getFirst().attention();
    int blocks = Math.ceilDiv(cacheTokens, KeyValueBlocks.POSITIONS);
    cache = new KeyValueCache(spec, cacheType, blocks, arena);
    global = rule(attention, 0);
    local = rule(attention, attention.window());
    int positions = Math.min(spec.context(), blocks * KeyValueBlocks.POSITIONS);
    float[] divisors = model.frequencyDivisors();
    rotations = spec.rope().map(r -> rotations(arena, r.dims(), r.global(), divisors, positions));
    localRotations =
        spec.rope()
            .filter(r -> attention.window() > 0 && !r.local().equals(r.global()))
            .map(r -> rotations(arena, r.dims(), r.local(), divisors, positions))
            .or(() -> rotations);
    queries = FloatTensor.allocate(arena, input.rows(), attention.queryWidth());
    keys = FloatTensor.allocate(arena, input.rows(), attention.keyValueWidth());
    values = FloatTensor.allocate(arena, input.rows(), attention.keyValueWidth());
    boolean foundAsCodes =
        model.layers().stream().anyMatch(each -> each.attention().output().readsCodes());
    found = LinearInput.allocate(arena, input.rows(), attention.queryWidth(), foundAsCodes);
    runs = new int[input.rows() + 1];
  }

  /** Of every position once: StrictMath's sines allocate. */
  private static FloatTensor rotations(
      Arena arena, int dims, RopeScaling scaling, float[] divisors, int positions) {
    FloatTensor table = FloatTensor.allocate(arena, positions, dims);
    float[] frequencies = scaling.frequencies(dims, divisors);
    for (int position = 0; position < positions; position++) {
      Rotations.fill(frequencies, scaling.magnitude(), position, table, position);
    }
    return table;
  }

  private static AttentionRule rule(AttentionSpec attention, int window) {
    int sharing = attention.heads() / attention.keyValueHeads();
    return new AttentionRule(sharing, window, attention.scale(), attention.softCap());
  }

  /** Blocks of the cache. */
  int cacheBlocks() {
    return cache.blocks();
  }

  /** Stores the rows' keys and values, and adds what their queries find to the residual stream. */
  void run(Batch rows, AttentionWeights layerWeights, int layerIndex) {
    batch = rows;
    weights = layerWeights;
    layer = layerIndex;
    int columns = padded(attention.queryWidth()) + 2 * padded(attention.keyValueWidth());
    work.byColumn(batch.size(), columns, project);
    work.run(batch.size(), rotateAndStore);
    work.run(divide() * attention.keyValueHeads(), attend);
    if (weights.innerNorm().isPresent() || weights.output().readsCodes()) {
      work.run(batch.size(), finishFound);
    }
    residual.expect(weights.normAfter());
    work.byColumn(batch.size(), spec.width(), output);
    residual.finish(batch.size());
  }

  private static int padded(int columns) {
    return Math.ceilDiv(columns, 16) * 16;
  }

  /** Queries, keys and values as one range of columns, so that one hand-off does for all three. */
  private void project(int part) {
    int query = padded(attention.queryWidth());
    int keyValue = padded(attention.keyValueWidth());
    int from = work.start(query + 2 * keyValue, part);
    int to = work.start(query + 2 * keyValue, part + 1);
    projectSome(weights.query(), queries, from, to);
    projectSome(weights.key(), keys, from - query, to - query);
    projectSome(weights.value(), values, from - query - keyValue, to - query - keyValue);
  }

  private void projectSome(Linear linear, FloatTensor out, int from, int to) {
    int first = Math.max(0, from);
    int end = Math.min(linear.outputs(), to);
    if (first < end) {
      linear.apply(kernels, input, batch.size(), out, first, end);
    }
  }

  private void rotateAndStore(int row) {
    normAndRotate(weights.queryNorm(), queries, row, attention.heads());
    normAndRotate(weights.keyNorm(), keys, row, attention.keyValueHeads());
    cache.store(layer, batch, keys, values, row);
  }

  private void normAndRotate(Optional<Norm> norm, FloatTensor vectors, int row, int heads) {
    Optional<FloatTensor> table = attention.local(layer) ? localRotations : rotations;
    for (int head = 0; head < heads; head++) {
      int column = head * attention.headSize();
      if (norm.isPresent()) {
        norm.get().apply(kernels, vectors, row, column, epsilon, vectors);
      }
      if (spec.rope().isPresent()) {
        RopeSpec rope = spec.rope().get();
        FloatTensor rotation = table.orElseThrow();
        int position = batch.position(row);
        kernels.rope(rope.layout(), vectors, row, column, rope.dims(), rotation, position);
      }
    }
  }

  /** Cuts the batch into runs of rows that share what they read, and says how many there are. */
  private int divide() {
    int count = 0;
    for (int row = 0; row < batch.size(); row = runs[count]) {
      runs[count++] = row;
      runs[count] = row + batch.run(row, MOST_ROWS);
    }
    return count;
  }

  private void attend(int part) {
    int run = part / attention.keyValueHeads();
    int row = runs[run];
    kernels.attend(
        attention.local(layer) ? local : global,
        queries,
        row,
        runs[run + 1] - row,
        cache.layer(layer),
        part % attention.keyValueHeads(),
        batch.blocks(row),
        batch.position(row),
        found.values());
  }

  private void finishFound(int row) {
    if (weights.innerNorm().isPresent()) {
      weights.innerNorm().get().apply(kernels, found.values(), row, 0, epsilon, found.values());
    }
    found.finish(kernels, row);
  }

  private void output(int part) {
    int from = work.start(spec.width(), part);
    int to = work.start(spec.width(), part + 1);
    weights.output().apply(kernels, found, batch.size(), residual.delta(), from, to);
    for (int row = 0; row < batch.size(); row++) {
      residual.add(row, from, to);
    }
  }
}
