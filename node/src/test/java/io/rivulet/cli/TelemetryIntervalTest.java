package io.rivulet.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.rivulet.protocol.KafkaConnection;
import io.rivulet.stream.NodeOptions;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class TelemetryIntervalTest {

  private static final NodeOptions OPTIONS =
      NodeOptions.of(KafkaConnection.to("127.0.0.1:1"), "test");

  @ParameterizedTest
  @CsvSource({"0, 0", "0s, 0", "250ms, 250", "1s, 1000", "5m, 300000"})
  void aTimeHasAUnit(String given, long millis) {
    assertEquals(Duration.ofMillis(millis), new DurationConverter().convert(given));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "1", "-1s", "1h", "1.5s", "99999999999s", "s"})
  void whatIsNoTimeIsRefused(String given) {
    var refusal =
        assertThrows(TypeConversionException.class, () -> new DurationConverter().convert(given));

    assertEquals("'" + given + "' is no duration: write 500ms, 1s, 2m or 0", refusal.getMessage());
  }

  @Test
  void nodesReportNeitherTooOftenNorTooSeldom() {
    assertEquals(Duration.ZERO, OPTIONS.withTelemetryInterval(Duration.ZERO).telemetryInterval());
    OPTIONS.withTelemetryInterval(Duration.ofMillis(100));
    OPTIONS.withTelemetryInterval(Duration.ofHours(1));

    for (long millis : new long[] {99, 3_600_001}) {
      var refusal =
          assertThrows(
              IllegalArgumentException.class,
              () -> OPTIONS.withTelemetryInterval(Duration.ofMillis(millis)));
      assertEquals(
          "the telemetry interval must be 0 or from 100 ms to 3600 s, was " + millis + " ms",
          refusal.getMessage());
    }
  }
}
