package io.rivulet.metrics;

import java.time.Duration;
import java.util.stream.DoubleStream;

/**
 * Upper bounds of histograms: those that the GenAI semantic conventions advise, and beyond them
 * what a CPU takes. A queue and a long answer pass the conventions' 10 s and 82 s with ease, and a
 * small model's token comes in less than their 10 ms.
 */
final class Buckets {

  /** From 10 ms, each twice the one before, to 22 minutes. */
  static final Duration[] REQUEST =
      seconds(
          0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92,
          163.84, 327.68, 655.36, 1310.72);

  /** From 1 ms to 21 minutes. */
  static final Duration[] FIRST_TOKEN =
      seconds(
          0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20,
          40, 80, 160, 320, 640, 1280);

  /** From 1 ms to 10 s. */
  static final Duration[] NEXT_TOKEN =
      seconds(
          0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1,
          2.5, 5, 10);

  /** Powers of four, up to what no context exceeds. */
  static final double[] TOKENS = {1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576};

  private Buckets() {}

  private static Duration[] seconds(double... bounds) {
    return DoubleStream.of(bounds)
        .mapToObj(bound -> Duration.ofNanos(Math.round(bound * 1e9)))
        .toArray(Duration[]::new);
  }
}
