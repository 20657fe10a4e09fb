package io.rivulet.protocol;

import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** Reports and token events that have every field. */
final class Reports {

  static final Instant NOW = Instant.parse("2026-01-31T12:00:00Z");

  /** What a layer's figures are at their widest: a day on a large machine. */
  static final SparsityFigures FULL =
      new SparsityFigures(
          0.0333,
          Optional.of(0.1529),
          Optional.of(0.9811),
          Optional.of(0.9004),
          Optional.of(0.5777),
          Optional.of(12.3456),
          Optional.of(0.3501),
          123_456,
          0.1429,
          1234,
          98_765_432_109_876L,
          98_765_432_109_876L,
          Collections.nCopies(12, 1_234_567L));

  private static final List<Double> BOUNDS =
      List.of(0.005, 0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.5, 1.0);

  private Reports() {}

  static SparsityReport sparsity(int layers) {
    return new SparsityReport(
        TelemetryEvent.VERSION,
        "node-with-a-name-1234-abcd",
        NOW,
        "a-model-with-a-long-name-7b-q8_0",
        Duration.ofNanos(1_000_123_457),
        12_345_678,
        FULL,
        BOUNDS,
        Collections.nCopies(layers, FULL));
  }

  static NodeReport node() {
    return new NodeReport(
        TelemetryEvent.VERSION,
        "n",
        NOW,
        "tiny",
        Duration.ofSeconds(1),
        Duration.ofMillis(1001),
        Duration.ofSeconds(61),
        1,
        Duration.ofMillis(4),
        2,
        8,
        30,
        4096,
        5,
        6,
        7.25,
        120.5,
        Optional.of(1.75),
        2,
        1_200_000_000,
        Sparsity.PREDICTED,
        new PrefixCacheReport(9, 4, 64, 32),
        times(1, 0, 2),
        times(0, 7, 0),
        times(3, 0, 0),
        new FinishedRequests(3, 11, 2, 1, 4));
  }

  static TimeHistogram times(long first, long second, long over) {
    return new TimeHistogram(
        List.of(10.0, 50.0), List.of(first, second, over), Duration.ofNanos(12_500_000));
  }

  static TokenEvent token() {
    var likely = new TokenLogprob(17, "sea", List.of(115, 101, 97), -0.5);
    return new TokenEvent(
        "a",
        1,
        0,
        List.of(17),
        "sea",
        Optional.of(new Logprobs(likely, List.of(likely))),
        Optional.of(0.0931),
        "n",
        Optional.empty());
  }

  static TokenEvent end() {
    var half = Optional.of(0.5);
    var completion =
        new Completion(
            FinishReason.ERROR,
            Optional.of(new Usage(1, 1, 1)),
            Optional.of(new RequestSparsity(0.5, half, half, half, 0.25, List.of(0.5))),
            new Timings(Duration.ofNanos(1), Duration.ZERO, Duration.ZERO),
            Optional.of("why"));
    return new TokenEvent("a", 1, 1, List.of(), "", "n", Optional.of(completion));
  }
}
