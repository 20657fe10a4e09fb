package io.rivulet.model;

import io.rivulet.kernels.FloatTensor;
import io.rivulet.kernels.Kernels;
import io.rivulet.kernels.ThreadTeam;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * Audits FFNs after they were computed: beside what a row left out of a layer, all its neurons, to
 * buffers of its own. The row's result stays as it is. Sums are those of the model's kernels, norms
 * are summed in float64 in order, so an audit finds the same whatever computes it.
 */
final class AuditPass {

  private final Kernels kernels;
  private final StepWork work;
  private final FeedForwardPass audited;
  private final LinearInput input;
  private final Calibration calibration;
  private final Optional<PredictionPass> predictions;
  private final int neurons;

  /** Computes one row with all neurons. */
  private final FeedForwardPass whole;

  private final LinearInput rowInput;
  private final Batch rowBatch = new Batch(1);

  /** All activations of the row, twice: once for each sum. */
  private final FloatTensor activations;

  /** What the outputs of all neurons, and of those left out, add up to: 2 x width. */
  private final FloatTensor sums;

  private final int[] kept;

  /** The neurons of each sum. */
  private final int[][] summed;

  private final int[] summedCounts = new int[2];
  private final ThreadTeam.Task sum = this::sum;
  private FeedForwardWeights weights;

  /**
   * Memory for it.
   *
   * @param audited what it looks at
   * @param input what that reads
   */
  AuditPass(
      ModelSpec spec,
      Weights model,
      Kernels kernels,
      StepWork work,
      Residual residual,
      LinearInput input,
      FeedForwardPass audited,
      Calibration calibration,
      Optional<PredictionPass> predictions,
      Arena arena) {
    this.kernels = kernels;
    this.work = work;
    this.input = input;
    this.audited = audited;
    this.calibration = calibration;
    this.predictions = predictions;
    neurons = spec.neurons();
    weights = model.layers().getFirst().feedForward();
    rowInput = LinearInput.allocate(arena, 1, spec.width(), input.codes().isPresent());
    whole =
        new FeedForwardPass(
            spec,
            model,
            kernels,
            work,
            residual,
            rowInput,
            Optional.empty(),
            Optional.empty(),
            arena);
    rowBatch.add(0, 0, new int[0], SparsityMode.EXACT, false);
    activations = FloatTensor.allocate(arena, 2, neurons);
    sums = FloatTensor.allocate(arena, 2, spec.width());
    kept = new int[neurons];
    summed = new int[2][neurons];
  }

  /** Audits the rows that are to be, of the layer that was computed last. */
  void run(Batch batch, FeedForwardWeights layerWeights, int layer) {
    for (int row = 0; row < batch.size(); row++) {
      if (batch.audited(row, layer)) {
        weights = layerWeights;
        audit(batch, row, layer);
      }
    }
  }

  private void audit(Batch batch, int row, int layer) {
    if (audited.mode(row, layer) == SparsityMode.PREDICTED) {
      copyRow(input.values(), row, rowInput.values(), 0);
      rowInput.finish(kernels, 0);
      whole.activate(rowBatch, weights, layer);
      copyActivations(whole.neurons(), 0);
    } else {
      copyActivations(audited.neurons(), row);
    }
    FloatTensor thresholds = calibration.layers().get(layer).thresholds();
    int keptCount = kernels.above(activations, 0, 0, neurons, thresholds, 0, kept, 0);
    if (batch.wantsPrediction(row, layer) && calibration.predicts(layer)) {
      PredictionPass prediction = predictions.orElseThrow();
      int active = keptCount;
      int named = prediction.count(layer, row);
      keptCount = keepCommon(kept, active, prediction.ids(layer, row), named);
      batch.auditor(row).onPrediction(layer, active, named, keptCount);
    }
    summedCounts[0] = kernels.nonZero(activations, 0, 0, neurons, summed[0], 0);
    summedCounts[1] = others(summed[0], summedCounts[0], kept, keptCount, summed[1]);
    work.run(Split.parts(sums.cols(), work.threads()), sum);
    batch.auditor(row).onError(layer, cett(norm(1), norm(0)));
  }

  private void copyActivations(FloatTensor from, int row) {
    copyRow(from, row, activations, 0);
    copyRow(from, row, activations, 1);
  }

  private static void copyRow(FloatTensor from, int row, FloatTensor to, int toRow) {
    MemorySegment.copy(
        from.data(),
        from.offset(row, 0),
        to.data(),
        to.offset(toRow, 0),
        (long) to.cols() * Float.BYTES);
  }

  /** Keeps those ids that are also among others; both ascend. Returns how many. */
  private static int keepCommon(int[] ids, int count, int[] others, int otherCount) {
    int common = 0;
    int other = 0;
    for (int i = 0; i < count; i++) {
      while (other < otherCount && others[other] < ids[i]) {
        other++;
      }
      if (other < otherCount && others[other] == ids[i]) {
        ids[common++] = ids[i];
      }
    }
    return common;
  }

  /** Writes those ids to rest that are not among some; both ascend. Returns how many. */
  private static int others(int[] ids, int count, int[] some, int someCount, int[] rest) {
    int others = 0;
    int next = 0;
    for (int i = 0; i < count; i++) {
      if (next < someCount && some[next] == ids[i]) {
        next++;
      } else {
        rest[others++] = ids[i];
      }
    }
    return others;
  }

  private void sum(int part) {
    int from = work.start(sums.cols(), part);
    int to = work.start(sums.cols(), part + 1);
    kernels.accumulateRows(
        weights.down().byNeurons(), activations, 2, summed, summedCounts, sums, from, to);
  }

  private double norm(int row) {
    double squares = 0;
    for (int c = 0; c < sums.cols(); c++) {
      double value = sums.get(row, c);
      squares += value * value;
    }
    return Math.sqrt(squares);
  }

  /** Numbers that are not finite count as though all was left out. */
  private static double cett(double leftOut, double all) {
    double share = leftOut == 0 ? 0 : leftOut / all;
    return Double.isFinite(share) ? share : 1;
  }
}
