package io.rivulet.sparsity.predictor;

import io.rivulet.kernels.ThreadTeam;

/** Divides ranges among a team. What is computed never depends on how. */
record TeamWork(ThreadTeam team) {

  /** Work on the elements from {@code from} to {@code to} - 1. */
  @FunctionalInterface
  interface RangeTask {
    void run(int from, int to);
  }

  private static final int GRAIN = 16;
  private static final int PARTS_PER_THREAD = 4;

  /** Does the task once for each element. */
  void each(int count, ThreadTeam.Task task) {
    team.run(count, task);
  }

  /** Does the task for parts of whole cache lines of float32 that make up the range. */
  void columns(int count, RangeTask task) {
    int grains = Math.ceilDiv(count, GRAIN);
    int parts = Math.min(grains, team.threads() * PARTS_PER_THREAD);
    team.run(
        parts,
        part -> {
          int from = (int) ((long) grains * part / parts) * GRAIN;
          int to = (int) ((long) grains * (part + 1) / parts) * GRAIN;
          task.run(from, Math.min(count, to));
        });
  }
}
