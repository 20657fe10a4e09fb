package io.rivulet.engine;

/** A submitted task's handle. */
public interface Generation {

  /** Ends the generation within one step, queued or running; without effect once it ended. */
  void cancel();
}
