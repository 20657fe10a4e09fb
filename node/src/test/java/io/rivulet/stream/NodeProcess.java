package io.rivulet.stream;

import io.rivulet.engine.BatchEngine;
import io.rivulet.engine.EngineOptions;
import io.rivulet.kernels.Kernels;
import io.rivulet.model.LoadedModel;
import io.rivulet.protocol.KafkaConnection;
import io.rivulet.protocol.Topics;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A node in a JVM of its own, which serves until its standard input ends. */
final class NodeProcess implements AutoCloseable {

  private static final String READY = "ready";

  private final String id;
  private final Process process;

  private NodeProcess(String id, Process process) {
    this.id = id;
    this.process = process;
  }

  /** Starts the JVM; {@link #awaitReady} waits for its node. */
  static NodeProcess start(String bootstrapServers, Topics topics, String id, Path model)
      throws IOException {
    var command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--add-modules",
            "jdk.incubator.vector",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            NodeProcess.class.getName(),
            bootstrapServers,
            topics.prefix(),
            id,
            model.toString());
    var process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    return new NodeProcess(id, process);
  }

  String id() {
    return id;
  }

  void awaitReady() throws IOException {
    String line = process.inputReader().readLine();
    if (!READY.equals(line)) {
      throw new IOException("node " + id + " did not start, it said: " + line);
    }
  }

  /** What {@code kill -9} does. */
  void kill() {
    process.destroyForcibly();
  }

  /** Sends the signal named, as {@code kill -NAME} does. */
  void signal(String name) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid())).start().waitFor();
  }

  static String groupOf(Topics topics) {
    return topics.prefix() + "group";
  }

  @Override
  public void close() throws IOException {
    process.getOutputStream().close();
    try {
      if (!process.waitFor(60, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  public static void main(String[] args) throws IOException {
    var topics = new Topics(args[1]);
    var options =
        NodeOptions.of(KafkaConnection.to(args[0]), "random")
            .withTopics(topics)
            .withGroupId(groupOf(topics))
            .withNodeId(args[2])
            .withPartitions(1);
    var engineOptions = EngineOptions.DEFAULT.withThreads(1).withBatchSize(4);
    try (var model = LoadedModel.open(Path.of(args[3]), Kernels.select());
        var engine = BatchEngine.start(model, engineOptions);
        var _ = Node.start(options, engine)) {
      System.out.println(READY);
      System.in.transferTo(OutputStream.nullOutputStream());
    }
  }
}
