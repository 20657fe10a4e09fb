package io.rivulet.model;

import io.rivulet.kernels.FloatTensor;
import io.rivulet.kernels.Kernels;
import io.rivulet.kernels.ThreadTeam;
import io.rivulet.model.profile.NeuronOrder;
import java.lang.foreign.Arena;
import java.util.Optional;

/**
 * Predicts the active neurons of a batch's rows, for the layers whose predictors read what is
 * there: as soon as the input of a layer's attention is known.
 */
final class PredictionPass {

  private final Calibration calibration;
  private final Kernels kernels;
  private final StepWork work;
  private final FloatTensor input;
  private final FloatTensor reduced;
  private final FloatTensor scores;
  private final int neurons;
  private final Optional<ReadAhead> readAhead;

  /** By layer modulo the predictions that are open at a time, and row. */
  private final int[][][] places;

  private final int[] inModelOrder;
  private final boolean[] named;

  private final int[][] counts;

  private final ThreadTeam.Task reduce = this::reduce;
  private final ThreadTeam.Task score = this::score;
  private final ThreadTeam.Task select = this::select;

  // What the tasks work on.
  private Batch batch = new Batch(1);
  private NeuronPredictor predictor;
  private int predicted;
  private int slot;
  private int rows;

  private long weightBytes;

  /**
   * Memory for it.
   *
   * @param calibration with a predictor at least
   * @param input of attention, normalised: rows x width
   * @param readAhead is told what was predicted
   */
  PredictionPass(
      Calibration calibration,
      Kernels kernels,
      StepWork work,
      FloatTensor input,
      int neurons,
      Optional<ReadAhead> readAhead,
      Arena arena) {
    this.calibration = calibration;
    this.kernels = kernels;
    this.work = work;
    this.input = input;
    this.neurons = neurons;
    this.readAhead = readAhead;
    predictor =
        calibration.layers().stream()
            .flatMap(layer -> layer.predictor().stream())
            .findFirst()
            .orElseThrow();
    reduced = FloatTensor.allocate(arena, input.rows(), calibration.mostRank());
    scores = FloatTensor.allocate(arena, input.rows(), neurons);
    inModelOrder = new int[neurons];
    named = new boolean[neurons];
    places = new int[calibration.lookahead() + 1][input.rows()][neurons];
    counts = new int[calibration.lookahead() + 1][input.rows()];
  }

  /** Predicts what can be predicted from the input of a layer's attention. */
  void run(Batch rowsOfStep, int layer) {
    batch = rowsOfStep;
    int layers = calibration.layers().size();
    for (int of = layer; of < Math.min(layers, layer + calibration.lookahead() + 1); of++) {
      if (calibration.source(of) == layer && calibration.predicts(of)) {
        predict(of);
      }
    }
  }

  /**
   * Where the rows lie of the neurons named for a row that is computed so, ascending; as many as
   * {@link #count}.
   */
  int[] places(int layer, int row) {
    return places[layer % places.length][row];
  }

  /** The neurons named, as the model counts them, ascending; overwritten by the next call. */
  int[] ids(int layer, int row) {
    Optional<NeuronOrder> order =
        calibration.layers().get(layer).predictor().flatMap(NeuronPredictor::order);
    if (order.isEmpty()) {
      return places(layer, row);
    }
    for (int i = 0; i < count(layer, row); i++) {
      named[order.get().neuron(places(layer, row)[i])] = true;
    }
    int count = 0;
    for (int neuron = 0; neuron < neurons; neuron++) {
      if (named[neuron]) {
        inModelOrder[count++] = neuron;
        named[neuron] = false;
      }
    }
    return inModelOrder;
  }

  int count(int layer, int row) {
    return counts[layer % places.length][row];
  }

  /** Rows up to the last that wants the layer's prediction. */
  private int rowsToPredict(int layer) {
    int count = batch.size();
    while (count > 0 && !batch.wantsPrediction(count - 1, layer)) {
      count--;
    }
    return count;
  }

  /** Bytes of predictors' weights read since this was asked before. */
  long takeWeightBytes() {
    long bytes = weightBytes;
    weightBytes = 0;
    return bytes;
  }

  private void predict(int layer) {
    rows = rowsToPredict(layer);
    if (rows == 0) {
      return;
    }
    predicted = layer;
    predictor = calibration.layers().get(layer).predictor().orElseThrow();
    slot = layer % places.length;
    work.byColumn(rows, predictor.rank(), reduce);
    work.byColumn(rows, neurons, score);
    work.run(rows, select);
    weightBytes += predictor.bytes();
    if (readAhead.isPresent()) {
      readAhead.get().run(this, batch, layer);
    }
  }

  private void reduce(int part) {
    int from = work.start(predictor.rank(), part);
    int to = work.start(predictor.rank(), part + 1);
    predictor.reduce(kernels, input, rows, reduced, from, to);
  }

  private void score(int part) {
    int from = work.start(neurons, part);
    int to = work.start(neurons, part + 1);
    for (int row = 0; row < rows; row++) {
      if (batch.wantsPrediction(row, predicted)) {
        predictor.score(kernels, reduced, row, scores, from, to);
      }
    }
  }

  private void select(int row) {
    if (batch.mode(row) == SparsityMode.PREDICTED) {
      counts[slot][row] = kernels.positive(scores, row, 0, neurons, places[slot][row], 0);
    }
  }
}
