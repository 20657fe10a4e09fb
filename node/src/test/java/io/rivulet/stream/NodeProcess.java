package io.rivulet.stream;

import io.rivulet.protocol.Topics;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A node in a JVM of its own: the command {@code serve} with the shipped model and its profile. */
final class NodeProcess implements AutoCloseable {

  static final Path MODEL = Path.of("..", "deploy", "model", "rivulet-tiny.gguf");
  static final Path PROFILE = Path.of("..", "deploy", "model", "rivulet-tiny.profile.safetensors");

  private static final String READY = "Node ";
  private static final String PAGE = "The live page is at ";

  private final String id;
  private final Process process;
  private Optional<URI> page = Optional.empty();

  private NodeProcess(String id, Process process) {
    this.id = id;
    this.process = process;
  }

  /**
   * Starts the JVM; {@link #awaitReady} waits for its node.
   *
   * @param more options of {@code serve}
   */
  static NodeProcess start(
      String bootstrapServers, Topics topics, IntakeKind intake, String id, String... more)
      throws IOException {
    var command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx96m",
                "--add-modules",
                "jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                "io.rivulet.cli.Rivulet",
                "serve",
                "--model",
                MODEL.toString(),
                "--threads",
                "1",
                "--batch",
                "4",
                "--bootstrap-servers",
                bootstrapServers,
                "--topic-prefix",
                topics.prefix(),
                "--group",
                groupOf(topics),
                "--intake",
                intake.name().toLowerCase(Locale.ROOT),
                "--node-id",
                id));
    command.addAll(List.of(more));
    var process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    return new NodeProcess(id, process);
  }

  String id() {
    return id;
  }

  void awaitReady() throws IOException {
    String line = process.inputReader().readLine();
    if (line != null && line.startsWith(PAGE)) {
      page = Optional.of(URI.create(line.substring(PAGE.length())));
      line = process.inputReader().readLine();
    }
    if (line == null || !line.startsWith(READY)) {
      throw new IOException("node " + id + " did not start, it said: " + line);
    }
  }

  /** Where its HTTP side is, once it is ready and if it has one. */
  URI page() {
    return page.orElseThrow();
  }

  /** What {@code kill -9} does. */
  void kill() {
    process.destroyForcibly();
  }

  /** Sends the signal named, as {@code kill -NAME} does. */
  void signal(String name) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid())).start().waitFor();
  }

  /** The exit code, once the process has ended. */
  int awaitEnd() throws InterruptedException {
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      throw new AssertionError("node " + id + " does not end");
    }
    return process.exitValue();
  }

  static String groupOf(Topics topics) {
    return topics.prefix() + "group";
  }

  @Override
  public void close() throws IOException {
    process.destroyForcibly();
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
