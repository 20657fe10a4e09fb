package io.rivulet.model;

import io.rivulet.kernels.ThreadTeam;

/**
 * Divides the work of a step among a team. Allocates nothing; what is computed never depends on it.
 */
final class StepWork {

  /** Parts a thread, so that one who is held up does not hold up all. */
  static final int PARTS_PER_THREAD = 4;

  private static final int PARTS_PER_THREAD_OF_ONE_ROW = 2;

  private final ThreadTeam team;
  private int parts;

  StepWork(ThreadTeam team) {
    this.team = team;
  }

  int threads() {
    return team.threads();
  }

  /** Parts of the task that runs. */
  int parts() {
    return parts;
  }

  /** Does the task once for each part. */
  void run(int count, ThreadTeam.Task task) {
    parts = count;
    team.run(count, task);
  }

  /** Does the task for ranges of columns: {@link #start} says which a part has. */
  void byColumn(int rows, int columns, ThreadTeam.Task task) {
    int each = rows == 1 ? PARTS_PER_THREAD_OF_ONE_ROW : PARTS_PER_THREAD;
    run(Split.parts(columns, threads() == 1 ? 1 : threads() * each), task);
  }

  /** The first of a part's columns, and for the part after the last the number of columns. */
  int start(int columns, int part) {
    return Split.start(columns, parts, part);
  }
}
