package io.rivulet.model;

import io.rivulet.kernels.Activation;
import io.rivulet.kernels.FloatTensor;
import io.rivulet.kernels.Kernels;
import io.rivulet.kernels.ThreadTeam;
import io.rivulet.model.ComputeChoice.Way;
import io.rivulet.model.profile.NeuronOrder;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The FFN of a batch's rows, layer by layer. Down leaves out the neurons that a row's {@link
 * SparsityMode} does; gate and up leave out those that a predictor does not name, and up those
 * whose gate is zero. What is left out has no part in the result, so it is the same to the bit
 * whether such a neuron is computed, as it is beside rows that want all, or not.
 *
 * <p>Gate and up are computed, and neurons named, in the order that their rows lie in; what neurons
 * come to is then put into the model's order, in which it is summed, so that the order changes no
 * result.
 */
final class FeedForwardPass {

  private final ModelSpec spec;
  private final Kernels kernels;
  private final StepWork work;
  private final Residual residual;
  private final LinearInput input;
  private final LinearInput neurons;
  private final boolean ordered;

  /** By place; the neurons themselves where the weights lie in the model's order. */
  private final FloatTensor hidden;

  private final FloatTensor gate;
  private final Optional<Calibration> calibration;
  private final Optional<PredictionPass> predictions;

  private final ComputeChoice choice = new ComputeChoice();
  private final int[] allNeurons;
  private final int[][] activeNeurons;
  private final int[][] neuronsToSum;
  private final int[] activeCounts;
  private final int[] activeByLayer;

  /** What gate and up are computed for. */
  private final Candidates candidates;

  private final CandidateProducts products;
  private final FloatTensor zeros;
  private final int[] computedByLayer;
  private final int[] upByLayer;
  private final int[] unitedByLayer;

  /** By row: those of them whose gate is not zero. */
  private final int[][] gatedNeurons;

  private final ThreadTeam.Task all = this::all;
  private final ThreadTeam.Task gateOfAll = this::gateOfAll;
  private final ThreadTeam.Task findGated = this::findGated;
  private final ThreadTeam.Task upOfAll = this::upOfAll;
  private final ThreadTeam.Task finishUngated = this::finishUngated;
  private final ThreadTeam.Task finishGated = this::finishGated;
  private final ThreadTeam.Task findActive = this::findActive;
  private final ThreadTeam.Task down = this::down;

  // What the tasks work on.
  private Batch batch = new Batch(1);
  private FeedForwardWeights weights;
  private int layer;

  private double weightBytes;

  /**
   * Memory for it.
   *
   * @param input what it reads, normalised: rows x width
   * @param predictions of the same batches, where the calibration has predictors
   */
  FeedForwardPass(
      ModelSpec spec,
      Weights model,
      Kernels kernels,
      StepWork work,
      Residual residual,
      LinearInput input,
      Optional<Calibration> calibration,
      Optional<PredictionPass> predictions,
      Arena arena) {
    this.spec = spec;
    this.kernels = kernels;
    this.work = work;
    this.residual = residual;
    this.input = input;
    this.calibration = calibration;
    this.predictions = predictions;
    weights = model.layers().getFirst().feedForward();
    int rows = input.rows();
    boolean downAsCodes =
        model.layers().stream().anyMatch(each -> each.feedForward().down().readsCodes());
    neurons = LinearInput.allocate(arena, rows, spec.neurons(), downAsCodes);
    ordered = model.layers().stream().anyMatch(each -> each.feedForward().order().isPresent());
    hidden = ordered ? FloatTensor.allocate(arena, rows, spec.neurons()) : neurons.values();
    gate = spec.feedForward().gated() ? FloatTensor.allocate(arena, rows, spec.neurons()) : hidden;
    allNeurons = IntStream.range(0, spec.neurons()).toArray();
    boolean skips = spec.sparse() || calibration.isPresent();
    activeNeurons = new int[rows][skips ? spec.neurons() : 0];
    gatedNeurons = new int[rows][skips && spec.feedForward().gated() ? spec.neurons() : 0];
    neuronsToSum = new int[rows][];
    activeCounts = new int[rows];
    activeByLayer = new int[rows * spec.layers()];
    candidates = new Candidates(rows, spec.neurons());
    zeros = FloatTensor.allocate(arena, 1, spec.neurons());
    products = new CandidateProducts(kernels, work, input, candidates, zeros, weights.up());
    computedByLayer = new int[rows * spec.layers()];
    upByLayer = new int[rows * spec.layers()];
    unitedByLayer = new int[spec.layers()];
  }

  /** How many rows of a layer's down projection were read for a row of the last batch. */
  int activeNeurons(int row, int layerOfModel) {
    return activeByLayer[row * spec.layers() + layerOfModel];
  }

  /**
   * How many neurons of a layer a row of the last batch asked for: rows of the gate, where the FFN
   * is gated.
   */
  int computedNeurons(int row, int layerOfModel) {
    return computedByLayer[row * spec.layers() + layerOfModel];
  }

  /** How many rows of a layer's up projection a row of the last batch asked for. */
  int upNeurons(int row, int layerOfModel) {
    return upByLayer[row * spec.layers() + layerOfModel];
  }

  /** Bytes of weights read since this was asked before: see {@link ForwardPass#weightBytes()}. */
  double takeWeightBytes() {
    double bytes = weightBytes;
    weightBytes = 0;
    return bytes;
  }

  /** How many neurons of a layer the rows of the last batch asked for together. */
  int unitedNeurons(int layerOfModel) {
    return unitedByLayer[layerOfModel];
  }

  /**
   * How a layer was computed for a row of the last batch: where nothing names its neurons, as by
   * thresholds alone.
   */
  SparsityMode mode(int row, int layerOfModel) {
    SparsityMode mode = batch.mode(row, layerOfModel);
    return mode == SparsityMode.PREDICTED && !predicts(layerOfModel)
        ? SparsityMode.THRESHOLD
        : mode;
  }

  private boolean predicts(int layerOfModel) {
    return calibration.isPresent() && calibration.get().predicts(layerOfModel);
  }

  /** What down was multiplied by: rows x neurons. */
  FloatTensor neurons() {
    return neurons.values();
  }

  /** Adds what the FFN makes of the rows to the residual stream. */
  void run(Batch rows, FeedForwardWeights layerWeights, int layerIndex) {
    activate(rows, layerWeights, layerIndex);
    addDown();
  }

  /** Computes what down is multiplied by, and no more. */
  void activate(Batch rows, FeedForwardWeights layerWeights, int layerIndex) {
    batch = rows;
    weights = layerWeights;
    layer = layerIndex;
    boolean predicted = findCandidates();
    if (!spec.feedForward().gated()) {
      computeUngated(predicted);
    } else if (predicted || (spec.sparse() && !anyOff())) {
      computeGateFirst(predicted);
    } else {
      work.byColumn(batch.size(), spec.neurons(), all);
      weightBytes += weights.denseBytes();
    }
    work.run(batch.size(), findActive);
  }

  private void addDown() {
    residual.expect(weights.normAfter());
    if (weights.down() instanceof Down.Dense) {
      work.byColumn(batch.size(), spec.width(), down);
      weightBytes += weights.down().bytes();
    } else {
      countRows(weights.down().bytes(), Math.min(spec.neurons(), activeTotal()));
      // Few wide parts: the narrower a part, the more pages of memory for what is read of them.
      work.run(Split.parts(spec.width(), work.threads()), down);
    }
    residual.finish(batch.size());
  }

  private long activeTotal() {
    long total = 0;
    for (int row = 0; row < batch.size(); row++) {
      total += activeCounts[row];
    }
    return total;
  }

  /** Rows of a matrix are read. */
  private void countRows(long matrixBytes, long rows) {
    weightBytes += (double) matrixBytes * rows / spec.neurons();
  }

  /** What is computed for each row of the batch comes from memory once. */
  private void countRows(Linear matrix, Way way) {
    countRows(matrix.bytes(), way == Way.WHOLE ? spec.neurons() : candidates.unitedCount());
  }

  private boolean anyOff() {
    for (int row = 0; row < batch.size(); row++) {
      if (batch.mode(row) == SparsityMode.OFF) {
        return true;
      }
    }
    return false;
  }

  /** Says whether all rows leave out neurons that were not predicted. */
  private boolean findCandidates() {
    boolean predicted = true;
    for (int row = 0; row < batch.size(); row++) {
      if (mode(row, layer) == SparsityMode.PREDICTED) {
        PredictionPass prediction = predictions.orElseThrow();
        candidates.some(row, prediction.places(layer, row), prediction.count(layer, row));
      } else {
        candidates.all(row);
        predicted = false;
      }
      computedByLayer[row * spec.layers() + layer] = candidates.count(row);
      upByLayer[row * spec.layers() + layer] = candidates.count(row);
    }
    unite();
    unitedByLayer[layer] = candidates.unitedCount();
    return predicted;
  }

  /** Of more rows nobody wants to know. */
  private void unite() {
    if (batch.size() <= ComputeChoice.MOST_TOKENS) {
      candidates.unite(batch.size());
    } else {
      candidates.uniteAll();
    }
  }

  private void computeUngated(boolean predicted) {
    Way way = predicted ? choose() : Way.WHOLE;
    switch (way) {
      case WHOLE -> work.byColumn(batch.size(), spec.neurons(), all);
      case UNITED -> products.united(weights.up(), batch.size(), hidden);
      case EACH -> products.each(weights.up(), batch.size(), hidden);
    }
    countRows(weights.up(), way);
    if (way != Way.WHOLE) {
      work.run(batch.size(), finishUngated);
    }
    if (predicted) {
      choice.done();
    }
  }

  /** What comes out of the gate as zero needs no up. */
  private void computeGateFirst(boolean predicted) {
    Linear gateWeights = weights.gate().orElseThrow();
    Way gateWay = predicted ? choose() : Way.WHOLE;
    switch (gateWay) {
      case WHOLE -> work.byColumn(batch.size(), spec.neurons(), gateOfAll);
      case UNITED -> products.united(gateWeights, batch.size(), gate);
      case EACH -> products.each(gateWeights, batch.size(), gate);
    }
    countRows(gateWeights, gateWay);
    if (predicted) {
      choice.done();
    }
    work.run(batch.size(), findGated);
    unite();
    Way upWay = choose();
    switch (upWay) {
      case WHOLE -> work.byColumn(batch.size(), spec.neurons(), upOfAll);
      case UNITED -> products.united(weights.up(), batch.size(), hidden);
      case EACH -> products.each(weights.up(), batch.size(), hidden);
    }
    countRows(weights.up(), upWay);
    choice.done();
    work.run(batch.size(), finishGated);
  }

  private Way choose() {
    return choice.choose(
        batch.size(), spec.neurons(), candidates.unitedCount(), candidates.total(batch.size()));
  }

  private void copy(FloatTensor from, int fromRow, FloatTensor to, int toRow) {
    MemorySegment.copy(
        from.data(),
        from.offset(fromRow, 0),
        to.data(),
        to.offset(toRow, 0),
        (long) spec.neurons() * Float.BYTES);
  }

  private void gateOfAll(int part) {
    int from = work.start(spec.neurons(), part);
    int to = work.start(spec.neurons(), part + 1);
    weights.gate().orElseThrow().apply(kernels, input, batch.size(), gate, from, to);
    clearOthers(gate, from, to);
  }

  private void upOfAll(int part) {
    int from = work.start(spec.neurons(), part);
    int to = work.start(spec.neurons(), part + 1);
    weights.up().apply(kernels, input, batch.size(), hidden, from, to);
  }

  private void findGated(int row) {
    activateGate(row, 0, spec.neurons());
    int count = kernels.nonZero(gate, row, 0, spec.neurons(), gatedNeurons[row], 0);
    candidates.some(row, gatedNeurons[row], count);
    upByLayer[row * spec.layers() + layer] = count;
  }

  private void finishUngated(int row) {
    activateGate(row, 0, spec.neurons());
  }

  private void finishGated(int row) {
    multiplyByGate(row, 0, spec.neurons());
  }

  private void all(int part) {
    int from = work.start(spec.neurons(), part);
    int to = work.start(spec.neurons(), part + 1);
    weights.up().apply(kernels, input, batch.size(), hidden, from, to);
    if (weights.gate().isPresent()) {
      weights.gate().get().apply(kernels, input, batch.size(), gate, from, to);
    }
    clearOthers(gate, from, to);
    for (int row = 0; row < batch.size(); row++) {
      activateGate(row, from, to);
      if (spec.feedForward().gated()) {
        multiplyByGate(row, from, to);
      }
    }
  }

  private void clearOthers(FloatTensor x, int from, int to) {
    for (int row = 0; row < batch.size(); row++) {
      candidates.clearOthers(x, row, from, to);
    }
  }

  /** Of an FFN without a gate, up is what the activation function is applied to. */
  private void activateGate(int row, int from, int to) {
    FeedForwardSpec ffn = spec.feedForward();
    if (ffn.threshold() > 0) {
      kernels.rectify(gate, row, from, to, ffn.threshold());
    } else {
      kernels.activate(ffn.activation(), gate, row, from, to);
    }
  }

  private void multiplyByGate(int row, int from, int to) {
    if (spec.feedForward().upRectified()) {
      kernels.activate(Activation.RELU, hidden, row, from, to);
    }
    kernels.multiply(hidden, gate, row, from, to);
  }

  /** A neuron that is zero stays zero in the inner norm, which has no bias. */
  private void findActive(int row) {
    if (ordered) {
      restoreOrder(row);
    }
    if (weights.innerNorm().isPresent()) {
      Norm norm = weights.innerNorm().get();
      FloatTensor values = neurons.values();
      norm.apply(kernels, values, row, 0, spec.norms().epsilon(), values);
    }
    neurons.finish(kernels, row);
    int active = select(row);
    neuronsToSum[row] = active == spec.neurons() ? allNeurons : activeNeurons[row];
    activeCounts[row] = active;
    activeByLayer[row * spec.layers() + layer] = active;
  }

  /** What is not among a row's candidates is zero. */
  private void restoreOrder(int row) {
    FloatTensor values = neurons.values();
    if (weights.order().isEmpty()) {
      copy(hidden, row, values, row);
      return;
    }
    if (candidates.count(row) < spec.neurons()) {
      copy(zeros, 0, values, row);
    }
    NeuronOrder order = weights.order().get();
    order.restore(hidden, row, candidates.ids(row), candidates.count(row), values);
  }

  private int select(int row) {
    FloatTensor values = neurons.values();
    SparsityMode mode = batch.mode(row, layer);
    if (mode.calibrated() && calibration.isPresent()) {
      FloatTensor thresholds = calibration.get().layers().get(layer).thresholds();
      return kernels.above(values, row, 0, spec.neurons(), thresholds, 0, activeNeurons[row], 0);
    }
    return mode != SparsityMode.OFF && spec.sparse()
        ? kernels.nonZero(values, row, 0, spec.neurons(), activeNeurons[row], 0)
        : spec.neurons();
  }

  private void down(int part) {
    int from = work.start(spec.width(), part);
    int to = work.start(spec.width(), part + 1);
    FloatTensor delta = residual.delta();
    switch (weights.down()) {
      case Down.Dense(Linear linear) ->
          linear.apply(kernels, neurons, batch.size(), delta, from, to);
      case Down.NeuronMajor(var rows, var bias) -> {
        kernels.accumulateRows(
            rows, neurons.values(), batch.size(), neuronsToSum, activeCounts, delta, from, to);
        for (int row = 0; bias.isPresent() && row < batch.size(); row++) {
          kernels.addBias(delta, bias.get(), row, from, to);
        }
      }
    }
    for (int row = 0; row < batch.size(); row++) {
      residual.add(row, from, to);
    }
  }
}
