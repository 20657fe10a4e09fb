package io.rivulet.model;

import io.rivulet.kernels.FloatTensor;
import io.rivulet.kernels.Kernels;
import io.rivulet.kernels.ThreadTeam;
import java.lang.foreign.Arena;
import java.util.Optional;

/** The residual stream of a batch's rows, and how attention and FFN add to it what they find. */
final class Residual {

  private final Kernels kernels;
  private final StepWork work;
  private final FloatTensor x;
  private final FloatTensor delta;
  private final float epsilon;
  private final ThreadTeam.Task addNormed = this::addNormed;
  private Optional<Norm> normAfter = Optional.empty();

  Residual(ModelSpec spec, Kernels kernels, StepWork work, Arena arena, int rows) {
    this.kernels = kernels;
    this.work = work;
    x = FloatTensor.allocate(arena, rows, spec.width());
    delta = FloatTensor.allocate(arena, rows, spec.width());
    epsilon = spec.norms().epsilon();
  }

  /** Rows x width. */
  FloatTensor x() {
    return x;
  }

  /** Where a result is put before {@link #add}: rows x width. */
  FloatTensor delta() {
    return delta;
  }

  /** A row of x, normalised. */
  void norm(Norm norm, int row, FloatTensor to) {
    norm.apply(kernels, x, row, 0, epsilon, to);
  }

  /** What the next results are normalised by before they are added. */
  void expect(Optional<Norm> norm) {
    normAfter = norm;
  }

  /** Adds a part of a row's result, unless a norm of the whole row has to come first. */
  void add(int row, int from, int to) {
    if (normAfter.isEmpty()) {
      kernels.add(x, delta, row, from, to);
    }
  }

  /** Adds what is still to be added, once all results are there. */
  void finish(int rows) {
    if (normAfter.isPresent()) {
      work.run(rows, addNormed);
    }
  }

  private void addNormed(int row) {
    normAfter.orElseThrow().apply(kernels, delta, row, 0, epsilon, delta);
    kernels.add(x, delta, row, 0, x.cols());
  }
}
