package io.rivulet.model;

import io.rivulet.kernels.FloatTensor;
import io.rivulet.kernels.Kernels;
import io.rivulet.kernels.KeyValueBlocks;
import io.rivulet.kernels.KeyValueType;
import io.rivulet.kernels.ThreadTeam;
import io.rivulet.kernels.WeightCodec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.Optional;

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

  /** Positions in a block of the key-value cache. */
  public static final int BLOCK_TOKENS = KeyValueBlocks.POSITIONS;

  private final ModelSpec spec;
  private final Weights weights;
  private final Kernels kernels;
  private final StepWork work;
  private final Arena arena = Arena.ofShared();

  private final Residual residual;
  private final LinearInput normed;
  private final LinearInput ffnNormed;
  private final AttentionPass attention;
  private final Optional<ReadAhead> readAhead;
  private final Optional<PredictionPass> predictions;
  private final FeedForwardPass feedForward;
  private final Optional<AuditPass> audits;
  private final FloatTensor logits;

  // Tasks are made once: a step allocates nothing.
  private final ThreadTeam.Task embed = this::embed;
  private final ThreadTeam.Task normBlock = this::normBlock;
  private final ThreadTeam.Task normFeedForward = this::normFeedForward;
  private final ThreadTeam.Task output = this::output;

  // What the tasks work on, set before each is handed to the team.
  private Batch batch = new Batch(1);
  private LayerWeights layer;

  private Optional<FeedForwardObserver> observer = Optional.empty();
  private long weightBytes;

  ForwardPass(
      ModelSpec spec,
      WeightLoading loading,
      Kernels kernels,
      Optional<Calibration> calibration,
      ThreadTeam team,
      int rows,
      int logitRows,
      int cacheTokens,
      KeyValueType cacheType) {
    this.spec = spec;
    weights = loading.weights();
    this.kernels = kernels;
    work = new StepWork(team);
    layer = weights.layers().getFirst();
    boolean made = false;
    try {
      residual = new Residual(spec, kernels, work, arena, rows);
      normed = LinearInput.allocate(arena, rows, spec.width(), weights.widthAsCodes());
      ffnNormed =
          spec.parallel()
              ? LinearInput.allocate(arena, rows, spec.width(), weights.widthAsCodes())
              : normed;
      attention =
          new AttentionPass(
              spec, weights, kernels, work, residual, normed, arena, cacheTokens, cacheType);
      readAhead =
          loading
              .readAheadBytes()
              .flatMap(
                  hot ->
                      MemoryPages.ofSystem()
                          .map(system -> new ReadAhead(system, work, weights, hot, arena)));
      predictions =
          calibration
              .filter(each -> each.mostRank() > 0)
              .map(
                  each ->
                      new PredictionPass(
                          each, kernels, work, normed.values(), spec.neurons(), readAhead, arena));
      feedForward =
          new FeedForwardPass(
              spec, weights, kernels, work, residual, ffnNormed, calibration, predictions, arena);
      audits =
          calibration.map(
              each ->
                  new AuditPass(
                      spec,
                      weights,
                      kernels,
                      work,
                      residual,
                      ffnNormed,
                      feedForward,
                      each,
                      predictions,
                      arena));
      logits = FloatTensor.allocate(arena, logitRows, spec.vocabulary());
      made = true;
    } finally {
      if (!made) {
        arena.close();
      }
    }
  }

  /** Blocks of the key-value cache, numbered from 0. */
  public int cacheBlocks() {
    return attention.cacheBlocks();
  }

  /** Positions that fit the key-value cache, all sequences together: those of whole blocks. */
  public int cacheTokens() {
    return cacheBlocks() * BLOCK_TOKENS;
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
    double bytes = 0;
    work.run(rows.size(), embed);
    for (int i = 0; i < spec.layers(); i++) {
      layer = weights.layers().get(i);
      work.run(rows.size(), normBlock);
      if (predictions.isPresent()) {
        predictions.get().run(rows, i);
      }
      if (observer.isPresent()) {
        observer.get().onAttentionInput(i, normed.values(), rows.size());
      }
      attention.run(rows, layer.attention(), i);
      bytes += layer.attention().bytes();
      if (!spec.parallel()) {
        work.run(rows.size(), normFeedForward);
      }
      feedForward.run(rows, layer.feedForward(), i);
      if (audits.isPresent()) {
        audits.get().run(rows, layer.feedForward(), i);
      }
      if (observer.isPresent()) {
        observer.get().onNeurons(i, feedForward.neurons(), rows.size());
      }
    }
    if (rows.logitCount() > 0) {
      gatherNormedLogitRows();
      work.byColumn(rows.size(), spec.vocabulary(), output);
      bytes += weights.output().bytes();
    }
    bytes += feedForward.takeWeightBytes();
    if (predictions.isPresent()) {
      bytes += predictions.get().takeWeightBytes();
    }
    weightBytes = (long) bytes;
  }

  /**
   * Bytes of weights that the last batch read from memory: of attention, predictors and the output
   * whole matrices, of FFNs the rows that any of the batch's rows needed, where they are read by
   * rows. Of down that is at most: as if no two rows of the batch needed the same. Audits do not
   * count.
   */
  public long weightBytes() {
    return weightBytes;
  }

  /**
   * The scores of the next token, a row for each row of the last batch that wanted them, in the
   * batch's order. Overwritten by the next batch; the caller may change them.
   */
  public FloatTensor logits() {
    return logits;
  }

  /** How a row of the last batch wanted its FFNs computed. */
  public SparsityMode mode(int row) {
    return batch.mode(row);
  }

  /**
   * How a layer's FFN was computed for it: by thresholds alone where no predictor names neurons,
   * exactly where the layer is not trusted.
   */
  public SparsityMode mode(int row, int layerOfModel) {
    return feedForward.mode(row, layerOfModel);
  }

  /** How many rows of a layer's down projection were read for a row of the last batch. */
  public int activeNeurons(int row, int layerOfModel) {
    return feedForward.activeNeurons(row, layerOfModel);
  }

  /**
   * How many neurons of a layer were computed for a row of the last batch, or would have been
   * without the other rows.
   */
  public int computedNeurons(int row, int layerOfModel) {
    return feedForward.computedNeurons(row, layerOfModel);
  }

  /**
   * How many rows of a layer's up projection were computed for a row of the last batch, or would
   * have been without the other rows: where the gate comes first, those that it lets through.
   */
  public int upNeurons(int row, int layerOfModel) {
    return feedForward.upNeurons(row, layerOfModel);
  }

  /**
   * How many neurons of a layer the rows of the last batch asked for together: those that any of
   * them did.
   */
  public int unitedNeurons(int layerOfModel) {
    return feedForward.unitedNeurons(layerOfModel);
  }

  /**
   * What reading ahead of predicted neurons came to so far; empty where weights are in memory, or
   * the system cannot do it.
   */
  public Optional<ReadAheadTally> readAhead() {
    return readAhead.map(ReadAhead::tally);
  }

  /**
   * Lets an observer see what the FFNs of all batches from now on are computed from and come to.
   */
  public void observe(FeedForwardObserver newObserver) {
    observer = Optional.of(newObserver);
  }

  /** Frees the memory. */
  @Override
  public void close() {
    arena.close();
  }

  private void check(Batch rows) {
    Objects.checkFromIndexSize(0, rows.size(), normed.rows());
    Objects.checkFromIndexSize(0, rows.logitCount(), logits.rows());
    for (int row = 0; row < rows.size(); row++) {
      Objects.checkIndex(rows.token(row), spec.vocabulary());
      Objects.checkIndex(rows.position(row), spec.context());
      checkBlocks(rows.blocks(row), rows.position(row) / BLOCK_TOKENS);
    }
  }

  private void checkBlocks(int[] blocks, int last) {
    Objects.checkIndex(last, blocks.length);
    for (int i = 0; i <= last; i++) {
      Objects.checkIndex(blocks[i], cacheBlocks());
    }
  }

  private void embed(int row) {
    FloatTensor x = residual.x();
    WeightCodec.decodeRow(weights.embedding(), batch.token(row), x, row);
    if (spec.embeddingScale() != 1) {
      kernels.scale(x, row, 0, spec.width(), spec.embeddingScale());
    }
    if (weights.positions().isPresent()) {
      FloatTensor position = residual.delta();
      WeightCodec.decodeRow(weights.positions().get(), batch.position(row), position, row);
      kernels.add(x, position, row, 0, spec.width());
    }
  }

  private void normBlock(int row) {
    residual.norm(layer.attention().norm(), row, normed.values());
    normed.finish(kernels, row);
    if (spec.parallel()) {
      normFeedForward(row);
    }
  }

  private void normFeedForward(int row) {
    residual.norm(layer.feedForward().norm(), row, ffnNormed.values());
    ffnNormed.finish(kernels, row);
  }

  /** Rows that want logits become the first rows of normed: ascending, so none is overwritten. */
  private void gatherNormedLogitRows() {
    FloatTensor values = normed.values();
    for (int i = 0; i < batch.logitCount(); i++) {
      int row = batch.logitRow(i);
      residual.norm(weights.outputNorm(), row, values);
      MemorySegment.copy(
          values.data(),
          values.offset(row, 0),
          values.data(),
          values.offset(i, 0),
          (long) spec.width() * Float.BYTES);
      normed.finish(kernels, i);
    }
  }

  private void output(int part) {
    int from = work.start(spec.vocabulary(), part);
    int to = work.start(spec.vocabulary(), part + 1);
    weights.output().apply(kernels, normed, batch.logitCount(), logits, from, to);
    for (int i = 0; i < batch.logitCount() && spec.logitCap() > 0; i++) {
      kernels.softCap(logits, i, from, to, spec.logitCap());
    }
  }
}
