package io.rivulet.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is measured beside a busy core, with a program that prints what llama-bench prints. */
@Timeout(300)
class BusyTest {

  private static final Path BUSY = Path.of("bench", "busy.sh").toAbsolutePath();
  private static final String MODEL = Path.of("model", "rivulet-tiny.gguf").toString();
  private static final Map<String, String> SHORT = Map.of("ROUNDS", "1", "GEN_TOKENS", "4");

  @TempDir private Path folder;

  @Test
  void printsBothSpeedsAndWhatIsLeft() throws Exception {
    // Half as fast the second time, which is when the core is taken.
    Path bench =
        program(
            """
            #!/bin/sh
            cd "$(dirname "$0")"
            [ -e ran ] && speed=500.0 || speed=1000.0
            touch ran
            printf '[\\n  {\\n    "n_gen": 4,\\n    "avg_ts": %s,\\n    "stddev_ts": 1.0\\n  }\\n]\\n' $speed
            """);

    Launcher.Outcome outcome = Launcher.run(BUSY, SHORT, MODEL, bench.toString());

    assertEquals(0, outcome.exitCode(), outcome.err());
    List<String[]> rows = outcome.out().lines().map(line -> line.split(" +")).toList();
    assertEquals(3, rows.size(), outcome.out());
    assertEquals("rivulet", rows.get(1)[0]);
    double alone = Double.parseDouble(rows.get(1)[1]);
    double busy = Double.parseDouble(rows.get(1)[2]);
    assertTrue(alone > 0 && busy > 0, outcome.out());
    assertEquals(busy / alone, Double.parseDouble(rows.get(1)[3]), 0.01);
    assertEquals(List.of("llama.cpp", "1000.0", "500.0", "0.50"), List.of(rows.get(2)));
  }

  @Test
  void saysWhatAProgramThatFailsSaid() throws Exception {
    Path bench = program("#!/bin/sh\necho no such model >&2\nexit 1\n");

    Launcher.Outcome outcome = Launcher.run(BUSY, SHORT, MODEL, bench.toString());

    assertEquals(2, outcome.exitCode());
    assertTrue(outcome.err().contains("no such model"), outcome.err());
    assertTrue(outcome.err().contains(bench + " gave no speed"), outcome.err());
  }

  @Test
  void endedBySignalItLeavesNothingRunning() throws Exception {
    // Comes back the first time, and stays the second, when the core is taken.
    Path bench =
        program(
            """
            #!/bin/sh
            cd "$(dirname "$0")"
            [ -e ran ] && exec sleep 250
            touch ran
            echo '"avg_ts": 1000.0,'
            """);
    Process busy = Launcher.start(BUSY, SHORT, MODEL, bench.toString());
    List<ProcessHandle> running = awaitLoopAndSleep(busy);

    busy.destroy();

    assertEquals(143, busy.waitFor());
    for (ProcessHandle process : running) {
      process.onExit().get(10, TimeUnit.SECONDS);
    }
  }

  @Test
  void saysWhichCoreIsNotThere() throws Exception {
    Launcher.Outcome outcome = Launcher.run(BUSY, Map.of("CORE", "99999"), MODEL);

    assertEquals(2, outcome.exitCode());
    assertTrue(outcome.err().contains("no core '99999'"), outcome.err());
  }

  private static List<ProcessHandle> awaitLoopAndSleep(Process busy) throws Exception {
    while (true) {
      List<ProcessHandle> running = busy.descendants().toList();
      if (running.size() == 2 && runs(running, "while :") && runs(running, "sleep 250")) {
        return running;
      }
      assertTrue(busy.isAlive(), "busy.sh ended by itself");
      Thread.sleep(10);
    }
  }

  private static boolean runs(List<ProcessHandle> processes, String command) {
    return processes.stream()
        .anyMatch(process -> process.info().commandLine().orElse("").contains(command));
  }

  private Path program(String script) throws Exception {
    Path file = Files.writeString(folder.resolve("llama-bench"), script);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }
}
