package io.rivulet.top;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.rivulet.fleet.Fleet;
import io.rivulet.fleet.Reports;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.jline.terminal.Size;
import org.jline.terminal.impl.LineDisciplineTerminal;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class LiveTopTest {

  private static final String DOWN = "\u001b[B";

  private final Fleet fleet = new Fleet();
  private final ByteArrayOutputStream output = new ByteArrayOutputStream();
  private LineDisciplineTerminal terminal;
  private int rounds;

  @BeforeEach
  void connect() throws IOException {
    terminal = new LineDisciplineTerminal("test", "xterm-256color", output, UTF_8);
    terminal.setSize(Size.of(100, 30));
    fleet.accept(Reports.of("node-a", 69.5), Instant.now());
    fleet.accept(Reports.of("node-b", 12), Instant.now());
    fleet.accept(Reports.sparsity("node-b", 0.9, 1, 0.3), Instant.now());
  }

  @Test
  void showsTheFleetUntilSomebodyQuits() throws IOException {
    run("q");

    assertTrue(shown().contains("2 nodes"), shown());
    assertTrue(shown().contains("node-a") && shown().contains("node-b"), shown());
    assertEquals(1, rounds);
  }

  @Test
  void arrowsSelectANode() throws IOException {
    run("x" + DOWN, "q");

    assertTrue(shown().contains("density by layer"), shown());
  }

  @Test
  void givesTheTerminalBack() throws IOException {
    run("q");

    int taken = shown().indexOf("\u001b[?1049h");
    int shown = shown().indexOf("2 nodes");
    int given = shown().indexOf("\u001b[?1049l");
    assertTrue(0 <= taken && taken < shown && shown < given, shown());
    assertTrue(shown().indexOf("\u001b[?25h", shown) > 0, "the cursor stays hidden");
  }

  /** Types one of these after the other, before each round. */
  private void run(String... typed) throws IOException {
    try (var live = new LiveTop(terminal)) {
      live.run(fleet, () -> type(typed[rounds++]));
    }
  }

  private void type(String keys) {
    try {
      terminal.processInputBytes(keys.getBytes(UTF_8));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private String shown() {
    return output.toString(UTF_8);
  }
}
