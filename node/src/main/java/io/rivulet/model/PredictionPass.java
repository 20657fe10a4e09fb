package io.rivulet.model;

import io.rivulet.kernels.FloatTensor;
import io.rivulet.kernels.Kernels;
import io.rivulet.kernels.ThreadTeam;
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
  private final int[][][] ids;

  private final int[][] counts;

  private final ThreadTeam.Task reduce = this::reduce;
  private final ThreadTeam.Task score = this::score;
  private final ThreadTeam.Task select = this::select;

  // What the tasks work on.
  private Batch batch = new Batch(1);
  private NeuronPredictor predictor;
  private int slot;
  private int rows;

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
    ids = new int[calibration.lookahead() + 1][input.rows()][neurons];
    counts = new int[calibration.lookahead() + 1][input.rows()];
  }

  /** Predicts what can be predicted from the input of a layer's attention. */
  void run(Batch rowsOfStep, int layer) {
    batch = rowsOfStep;
    rows = lastPredicted() + 1;
    if (rows == 0) {
      return;
    }
    int layers = calibration.layers().size();
    for (int of = layer; of < Math.min(layers, layer + calibration.lookahead() + 1); of++) {
      if (calibration.source(of) == layer && predicts(of)) {
        predict(of);
      }
    }
  }

  boolean predicts(int layer) {
    return calibration.layers().get(layer).predictor().isPresent();
  }

  /** The neurons named for a row that is computed so, ascending; as many as {@link #count}. */
  int[] ids(int layer, int row) {
    return ids[layer % ids.length][row];
  }

  int count(int layer, int row) {
    return counts[layer % ids.length][row];
  }

  private int lastPredicted() {
    int row = batch.size() - 1;
    while (row >= 0 && batch.mode(row) != SparsityMode.PREDICTED) {
      row--;
    }
    return row;
  }

  private void predict(int layer) {
    predictor = calibration.layers().get(layer).predictor().orElseThrow();
    slot = layer % ids.length;
    work.byColumn(rows, predictor.rank(), reduce);
    work.byColumn(rows, neurons, score);
    work.run(rows, select);
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
      if (batch.mode(row) == SparsityMode.PREDICTED) {
        predictor.score(kernels, reduced, row, scores, from, to);
      }
    }
  }

  private void select(int row) {
    if (batch.mode(row) == SparsityMode.PREDICTED) {
      counts[slot][row] = kernels.positive(scores, row, 0, neurons, ids[slot][row], 0);
    }
  }
}
