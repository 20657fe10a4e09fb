package io.rivulet.fleet;

import io.rivulet.protocol.FinishedRequests;
import io.rivulet.protocol.NodeReport;
import io.rivulet.protocol.PrefixCacheReport;
import io.rivulet.protocol.Sparsity;
import io.rivulet.protocol.SparsityFigures;
import io.rivulet.protocol.SparsityReport;
import io.rivulet.protocol.TelemetryEvent;
import io.rivulet.protocol.TimeHistogram;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.DoubleStream;

/** What nodes of a fleet may say. */
public final class Reports {

  public static final Instant NOON = Instant.parse("2026-01-31T12:00:00Z");

  private Reports() {}

  /** A node that generates so fast. */
  public static NodeReport of(String node, double tokensPerSecond) {
    return of(node, tokensPerSecond, Duration.ofSeconds(1), 0);
  }

  /** A node that reports so often and has so many requests waiting. */
  public static NodeReport of(String node, double tokensPerSecond, Duration interval, int waiting) {
    return new NodeReport(
        TelemetryEvent.VERSION,
        node,
        NOON,
        "tiny",
        interval,
        interval,
        Duration.ofSeconds(61),
        waiting,
        Duration.ofMillis(1500L * waiting),
        2,
        8,
        1024,
        4096,
        5,
        6,
        tokensPerSecond,
        120.5,
        Optional.of(1.75),
        2,
        1_200_000_000,
        Sparsity.PREDICTED,
        PrefixCacheReport.NONE,
        new TimeHistogram(List.of(100.0, 200.0), List.of(1L, 1L, 0L), Duration.ofMillis(240)),
        TimeHistogram.NONE,
        TimeHistogram.NONE,
        new FinishedRequests(3, 11, 2, 1, 4));
  }

  /** Layers of those densities, with a floor of 0.9 and a ceiling of 0.35. */
  public static SparsityReport sparsity(
      String node, double recall, long audits, double... layerDensity) {
    return new SparsityReport(
        TelemetryEvent.VERSION,
        node,
        NOON,
        "tiny",
        Duration.ofSeconds(1),
        61,
        figures(0.125, recall, audits, 0),
        List.of(0.5, 1.0),
        DoubleStream.of(layerDensity)
            .mapToObj(density -> figures(density, recall, audits, density > 0.9 ? 1 : 0))
            .toList());
  }

  private static SparsityFigures figures(
      double density, double recall, long audits, long fallenBack) {
    return new SparsityFigures(
        density,
        Optional.of(2 * density).filter(share -> share < 1),
        Optional.of(recall),
        Optional.of(0.9),
        Optional.of(0.5),
        Optional.of(0.25),
        Optional.of(0.35),
        audits,
        0,
        fallenBack,
        25_000_000,
        75_000_000,
        List.of(61L, 0L));
  }
}
