package io.rivulet.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Comparisons with other programs, against those that print what they print. */
class CompareTest {

  private static final Path COMPARE = Path.of("bench", "compare.sh").toAbsolutePath();
  private static final Path POWERINFER = Path.of("bench", "powerinfer.sh").toAbsolutePath();
  private static final String MODEL = Path.of("model", "rivulet-tiny.gguf").toString();
  private static final Map<String, String> SHORT =
      Map.of("PAIRS", "1", "PROMPT_TOKENS", "8", "GEN_TOKENS", "4");

  @TempDir private Path folder;

  @Test
  void printsBothSpeedsAndTheirRatio() throws Exception {
    Path bench =
        program(
            """
            #!/bin/sh
            cat <<'END'
            [
              {
                "n_prompt": 8,
                "n_gen": 0,
                "avg_ts": 2000.0,
                "stddev_ts": 1.0
              },
              {
                "n_prompt": 0,
                "n_gen": 4,
                "avg_ts": 1000.0,
                "stddev_ts": 1.0
              }
            ]
            END
            """);

    Launcher.Outcome outcome = Launcher.run(COMPARE, SHORT, bench.toString(), MODEL);

    assertEquals(0, outcome.exitCode(), outcome.err());
    List<String[]> rows = outcome.out().lines().map(line -> line.split(" +")).toList();
    assertEquals(3, rows.size(), outcome.out());
    assertRow("prompt", 2000, rows.get(1));
    assertRow("decode", 1000, rows.get(2));
  }

  @Test
  void saysWhatAProgramThatFailsSaid() throws Exception {
    Path bench = program("#!/bin/sh\necho no such model >&2\nexit 1\n");

    Launcher.Outcome outcome = Launcher.run(COMPARE, SHORT, bench.toString(), MODEL);

    assertEquals(2, outcome.exitCode());
    assertTrue(outcome.err().contains("no such model"), outcome.err());
    assertTrue(outcome.err().contains(bench + " gave no speeds"), outcome.err());
  }

  @Test
  void printsHowFastPowerInferIsBeside() throws Exception {
    Path main =
        program(
            """
            #!/bin/sh
            cat >&2 <<'END'
            llama_print_timings: prompt eval time =  60.1 ms /  4 tokens ( 15.0 ms per token, 66.5 tokens per second)
            llama_print_timings:        eval time = 200.0 ms /  4 runs   ( 50.0 ms per token, 20.0 tokens per second)
            END
            """);

    Launcher.Outcome outcome = Launcher.run(POWERINFER, SHORT, main.toString(), MODEL, MODEL);

    assertEquals(0, outcome.exitCode(), outcome.err());
    assertRow("decode", 20, outcome.out().lines().toList().getLast().split(" +"));
  }

  private static void assertRow(String name, double theirs, String[] row) {
    assertEquals(name, row[0]);
    assertEquals(theirs, Double.parseDouble(row[2]));
    assertEquals(Double.parseDouble(row[1]) / theirs, Double.parseDouble(row[3]), 0.006);
  }

  private Path program(String script) throws Exception {
    Path file = Files.writeString(folder.resolve("llama-bench"), script);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }
}
