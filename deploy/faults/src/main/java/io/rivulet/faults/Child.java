package io.rivulet.faults;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** A process of the harness, which does not outlive it. */
final class Child {

  private static final Set<Process> ALL = new HashSet<>();
  private static boolean ending;

  static {
    Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(Child::endAll));
  }

  private final Process process;
  private final Path log;

  private Child(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  /**
   * Starts a process.
   *
   * @param log a new file for what it says
   */
  static Child start(List<String> command, Map<String, String> environment, Path log)
      throws IOException {
    var builder =
        new ProcessBuilder(command)
            .redirectInput(Path.of("/dev/null").toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.environment().putAll(environment);
    return new Child(start(builder), log);
  }

  private static Process start(ProcessBuilder builder) throws IOException {
    synchronized (ALL) {
      if (ending) {
        throw new IOException("the harness is ending");
      }
      Process process = builder.start();
      ALL.add(process);
      return process;
    }
  }

  private static void endAll() {
    synchronized (ALL) {
      ending = true;
      ALL.forEach(Process::destroyForcibly);
    }
  }

  /** Whether it has said this, at the beginning of a line. */
  boolean said(String words) throws IOException {
    return Files.readString(log).lines().anyMatch(line -> line.startsWith(words));
  }

  boolean alive() {
    return process.isAlive();
  }

  int exitCode() {
    return process.exitValue();
  }

  long pid() {
    return process.pid();
  }

  Path log() {
    return log;
  }

  void kill() {
    process.destroyForcibly().onExit().join();
    synchronized (ALL) {
      ALL.remove(process);
    }
  }

  /** Tells it to stop, and says whether it did in time; otherwise it is killed. */
  boolean stop(int seconds) throws InterruptedException {
    process.destroy();
    boolean ended = process.waitFor(seconds, TimeUnit.SECONDS);
    kill();
    return ended;
  }

  void signal(String name) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid())).start().waitFor();
  }
}
