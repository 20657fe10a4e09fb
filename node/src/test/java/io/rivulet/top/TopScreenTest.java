package io.rivulet.top;

import static io.rivulet.fleet.Reports.NOON;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.rivulet.fleet.Fleet;
import io.rivulet.fleet.Reports;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jline.utils.AttributedString;
import org.jline.utils.AttributedStyle;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TopScreenTest {

  private static final Instant NOW = NOON.plusSeconds(15);

  private final Fleet fleet = new Fleet();

  @BeforeEach
  void report() {
    fleet.accept(Reports.of("old", 30), NOON);
    fleet.accept(Reports.of("node-a", 69.53), NOW);
    fleet.accept(Reports.sparsity("node-a", 0.981, 8, 0.004, 0.06, 0.4, 0.95), NOW);
    fleet.accept(Reports.of("node-b", 1234, Duration.ofSeconds(1), 2), NOW);
    fleet.accept(Reports.sparsity("node-b", 0.62, 8, 0.05), NOW);
  }

  @Test
  void aLineSaysWhatANodeDoes() {
    List<AttributedString> lines = lines(200, Optional.empty());

    assertEquals(
        "2 nodes, 1 gone, 1304 tokens/s, 241.0 prompt tokens/s, 4 running, 2 waiting",
        lines.get(0).toString());
    assertEquals(
        List.of(
            "NODE",
            "MODEL",
            "MODE",
            "TOK/S",
            "PREFILL/S",
            "RUN",
            "WAIT",
            "AGE",
            "KV",
            "TTFT",
            "P50",
            "TTFT",
            "P95",
            "DENSITY",
            "RECALL/FLOOR",
            "CETT/MOST",
            "READ"),
        words(lines.get(2)));
    assertEquals(
        List.of(
            "node-a",
            "tiny",
            "predicted",
            "69.5",
            "120.5",
            "2/8",
            "0",
            "-",
            "25.0%",
            "100ms",
            "190ms",
            "12.5%",
            "98.1%/90.0%",
            "0.25/0.35",
            "25.0%"),
        words(lines.get(3)));
    assertEquals("1234", words(lines.get(4)).get(3));
    assertEquals("3.0s", words(lines.get(4)).get(7));
    assertEquals(List.of("old", "gone,", "silent", "for", "15.0s"), words(lines.get(5)));
  }

  @Test
  void aRecallUnderItsFloorIsRed() {
    List<AttributedString> lines = lines(200, Optional.empty());

    assertFalse(isRed(lines.get(3), "98.1%"));
    assertTrue(isRed(lines.get(4), "62.0%"));
  }

  @ParameterizedTest
  @ValueSource(ints = {20, 40, 80, 120, 200})
  void noLineIsLongerThanTheTerminalIsWide(int width) {
    for (AttributedString line : lines(width, Optional.of("node-a"))) {
      assertTrue(line.columnLength() <= width, line.toString());
    }
    String titles = lines(80, Optional.empty()).get(2).toString();
    assertTrue(titles.contains("NODE") && titles.contains("RECALL"), titles);
  }

  @Test
  void theSelectedNodeShowsItsLayers() {
    List<String> lines =
        lines(80, Optional.of("node-a")).stream().map(AttributedString::toString).toList();

    int strip =
        IntStream.range(0, lines.size())
            .filter(i -> lines.get(i).startsWith("0 "))
            .findFirst()
            .orElseThrow();
    assertEquals("0 ▁▁▄▄▇▇██", lines.get(strip));
    assertEquals("        !", lines.get(strip + 1).stripTrailing());
    assertTrue(
        lines.contains(
            "FFN weights: 25.0 MB read of 100.0 MB that a dense model reads for the same 61 tokens"
                .substring(0, 80)),
        String.join("\n", lines));
  }

  @Test
  void manyLayersTakeSeveralLines() {
    double[] densities = IntStream.range(0, 50).mapToDouble(i -> 0.3).toArray();
    fleet.accept(Reports.sparsity("node-a", 0.9, 1, densities), NOW);

    var starts =
        lines(43, Optional.of("node-a")).stream()
            .map(AttributedString::toString)
            .filter(line -> line.contains("▇▇"))
            .map(line -> line.substring(0, line.indexOf(' ')))
            .toList();

    assertEquals(List.of("0", "20", "40"), starts);
  }

  @Test
  void aNodesNameCannotSteerTheTerminal() {
    fleet.accept(Reports.of("\u001b[31mred", 1), NOW);

    for (AttributedString line : lines(200, Optional.of("\u001b[31mred"))) {
      assertFalse(line.toString().contains("\u001b"), line.toString());
    }
  }

  private List<AttributedString> lines(int width, Optional<String> selected) {
    return TopScreen.lines(fleet.nodes(NOW), selected, width);
  }

  private static List<String> words(AttributedString line) {
    return Pattern.compile("\\s+").splitAsStream(line.toString().strip()).toList();
  }

  private static boolean isRed(AttributedString line, String part) {
    int at = line.toString().indexOf(part);
    return line.styleAt(at).equals(AttributedStyle.DEFAULT.foreground(AttributedStyle.RED));
  }
}
