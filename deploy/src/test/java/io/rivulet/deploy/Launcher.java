package io.rivulet.deploy;

import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Runs {@code deploy/rivulet} as a user would: as a process of its own. */
final class Launcher {

  private static final int MAX_SECONDS = 300;

  private Launcher() {}

  /** What a command printed, and how it ended. */
  record Outcome(int exitCode, String out, String err) {}

  static Outcome run(String... arguments) throws Exception {
    return run(Map.of(), arguments);
  }

  static Outcome run(Map<String, String> environment, String... arguments) throws Exception {
    return run(script(), environment, arguments);
  }

  /** Runs another program of the module. */
  static Outcome run(Path program, Map<String, String> environment, String... arguments)
      throws Exception {
    Process process = start(program, environment, arguments);
    try {
      var out =
          CompletableFuture.supplyAsync(() -> read(process.inputReader(StandardCharsets.UTF_8)));
      var err =
          CompletableFuture.supplyAsync(() -> read(process.errorReader(StandardCharsets.UTF_8)));
      if (!process.waitFor(MAX_SECONDS, TimeUnit.SECONDS)) {
        throw new AssertionError(
            "still running after " + MAX_SECONDS + " s: " + List.of(arguments));
      }
      return new Outcome(process.exitValue(), out.get(), err.get());
    } finally {
      process.destroyForcibly();
    }
  }

  /** Starts a command that the caller ends; its standard input is empty. */
  static Process start(Map<String, String> environment, String... arguments) throws IOException {
    return start(script(), environment, arguments);
  }

  /** Starts another program of the module. */
  static Process start(Path program, Map<String, String> environment, String... arguments)
      throws IOException {
    var command = new ArrayList<String>();
    command.add(program.toString());
    command.addAll(List.of(arguments));
    var builder = new ProcessBuilder(command).redirectInput(Path.of("/dev/null").toFile());
    builder.environment().putAll(environment);
    return builder.start();
  }

  /** The tests run in the module's folder, where the launcher is. */
  static Path script() {
    return Path.of("rivulet").toAbsolutePath();
  }

  private static String read(Reader reader) {
    try {
      return reader.readAllAsString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
