package io.rivulet.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** A command that is told to stop in the midst of its work closes what it has open, and no more. */
class StopSignalTest {

  private static final String PROMPT = "It was a dark night";

  @Test
  void generateEndsQuietly() throws Exception {
    Process process =
        Launcher.start(
            Map.of(),
            "generate",
            "--prompt",
            PROMPT,
            "--max-tokens",
            "480",
            "--ignore-eos",
            "--sparsity",
            "off",
            "--threads",
            "1");
    try (var out = process.inputReader(StandardCharsets.UTF_8);
        var err = process.errorReader(StandardCharsets.UTF_8)) {
      int first = out.read();
      process.toHandle().destroy();

      String text = (char) first + out.readAllAsString();
      List<String> complaints =
          err.readAllAsString()
              .lines()
              .filter(line -> !line.startsWith("WARNING: Using incubator"))
              .toList();
      assertTrue(process.waitFor(60, TimeUnit.SECONDS));
      assertTrue(text.startsWith(PROMPT), text);
      assertFalse(text.endsWith(System.lineSeparator()), "it had come to its end");
      assertEquals(List.of(), complaints);
      assertEquals(0, process.exitValue());
    } finally {
      process.destroyForcibly();
    }
  }
}
