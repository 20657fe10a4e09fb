package io.rivulet.engine;

import java.time.Duration;

/** Shows that a thread gets on with its work: it beats after each piece, and rests without any. */
final class Pulse {

  private volatile long last;
  private volatile boolean resting = true;

  void beat() {
    last = System.nanoTime();
    resting = false;
  }

  void rest() {
    resting = true;
  }

  /** How long ago the last beat was; zero while it rests. */
  Duration sinceLast() {
    return resting ? Duration.ZERO : Duration.ofNanos(Math.max(0, System.nanoTime() - last));
  }
}
