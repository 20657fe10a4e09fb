package io.rivulet.model;

import io.rivulet.kernels.FloatTensor;
import io.rivulet.kernels.Kernels;
import io.rivulet.kernels.ThreadTeam;
import java.lang.foreign.MemorySegment;

/**
 * Products of a matrix, a row a neuron, with a batch's rows for the neurons that these ask for. A
 * row of the matrix is read once for all of them; what a row of the batch did not ask for is zero.
 */
final class CandidateProducts {

  /** What is read again for the next token has to be in the second-level cache still. */
  private static final long BLOCK_BYTES = 512 << 10;

  private final Kernels kernels;
  private final StepWork work;
  private final LinearInput input;
  private final Candidates candidates;
  private final FloatTensor zeros;
  private final int neurons;

  private final ThreadTeam.Task unitedPart = this::unitedPart;
  private final ThreadTeam.Task clearOthers = this::clearOthers;
  private final ThreadTeam.Task ofOneRow = this::ofOneRow;
  private final ThreadTeam.Task block = this::block;

  // What the tasks work on.
  private Linear linear;
  private FloatTensor out;
  private int rows;
  private int blockNeurons;

  /**
   * Products of these candidates.
   *
   * @param zeros 1 x neurons
   * @param anyLinear a matrix, for a start
   */
  CandidateProducts(
      Kernels kernels,
      StepWork work,
      LinearInput input,
      Candidates candidates,
      FloatTensor zeros,
      Linear anyLinear) {
    this.kernels = kernels;
    this.work = work;
    this.input = input;
    this.candidates = candidates;
    this.zeros = zeros;
    neurons = zeros.cols();
    linear = anyLinear;
    out = zeros;
  }

  /** For all rows whatever any of them asks for, which has to be united. */
  void united(Linear of, int count, FloatTensor to) {
    set(of, count, to);
    work.run(parts(), unitedPart);
    work.run(count, clearOthers);
  }

  /** For each row what it asks for. */
  void each(Linear of, int count, FloatTensor to) {
    set(of, count, to);
    for (int row = 0; row < count; row++) {
      MemorySegment.copy(
          zeros.data(), 0, to.data(), to.offset(row, 0), (long) neurons * Float.BYTES);
    }
    if (count == 1) {
      work.run(parts(), ofOneRow);
    } else {
      blockNeurons = Math.clamp(BLOCK_BYTES * neurons / of.bytes(), 1, neurons);
      work.run(Math.ceilDiv(neurons, blockNeurons), block);
    }
  }

  private void set(Linear of, int count, FloatTensor to) {
    linear = of;
    rows = count;
    out = to;
  }

  private int parts() {
    return work.threads() == 1 ? 1 : work.threads() * StepWork.PARTS_PER_THREAD;
  }

  private int start(int ids, int part) {
    return (int) ((long) ids * part / work.parts());
  }

  private void unitedPart(int part) {
    int from = start(candidates.unitedCount(), part);
    int to = start(candidates.unitedCount(), part + 1);
    linear.applySharedRows(kernels, input, rows, candidates.united(), from, to, out);
  }

  private void clearOthers(int row) {
    candidates.clearOthers(out, row, 0, neurons);
  }

  private void ofOneRow(int part) {
    int from = start(candidates.count(0), part);
    int to = start(candidates.count(0), part + 1);
    linear.applyRows(kernels, input, 0, candidates.ids(0), from, to, out);
  }

  private void block(int part) {
    int from = part * blockNeurons;
    int end = Math.min(neurons, from + blockNeurons);
    for (int row = 0; row < rows; row++) {
      int first = candidates.indexOf(row, from);
      int to = candidates.indexOf(row, end);
      linear.applyRows(kernels, input, row, candidates.ids(row), first, to, out);
    }
  }
}
