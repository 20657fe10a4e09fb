package io.rivulet.faults;

import java.io.IOException;
import java.util.List;
import java.util.Map;

/** A node's process, which is started again whenever it ends. */
final class Node implements AutoCloseable {

  /** How the process of a node is started. */
  interface Start {
    /**
     * Starts it.
     *
     * @param count how often that was done before
     */
    Child process(int count) throws IOException;
  }

  /** More than its drain timeout, and than what closing takes while Kafka is away. */
  private static final int STOP_SECONDS = 90;

  private final String name;
  private final Start start;
  private final Complaints complaints;
  private Child process;
  private int starts;
  private boolean wanted;

  Node(String name, Start start, Complaints complaints) {
    this.name = name;
    this.start = start;
    this.complaints = complaints;
  }

  /** What starts a node of one thread, which takes its time. */
  static List<String> command(
      String launcher, String bootstrapServers, String prefix, String intake, String id) {
    return List.of(
        launcher,
        "serve",
        "--threads",
        "1",
        "--drain-timeout",
        "2",
        "--bootstrap-servers",
        bootstrapServers,
        "--topic-prefix",
        prefix,
        "--group",
        prefix + "group",
        "--intake",
        intake,
        "--node-id",
        id);
  }

  /** What the node's JVM is given. */
  static Map<String, String> environment() {
    return Map.of("RIVULET_JAVA_OPTS", "-Xmx96m");
  }

  synchronized void up() throws IOException {
    wanted = true;
    process = start.process(starts++);
  }

  /** Starts it again if it has ended by itself, which one that had come up must not. */
  synchronized void watch() throws IOException {
    if (wanted && !process.alive()) {
      if (ready()) {
        complaints.add(
            "%s ended by itself with exit code %d, see %s"
                .formatted(name, process.exitCode(), process.log()));
      }
      up();
    }
  }

  synchronized boolean ready() throws IOException {
    return process.said("Node ");
  }

  synchronized void kill() {
    wanted = false;
    process.kill();
  }

  synchronized void freeze() throws IOException, InterruptedException {
    process.signal("STOP");
  }

  synchronized void thaw() throws IOException, InterruptedException {
    process.signal("CONT");
  }

  /** Tells it to stop, which it has to do in order. */
  synchronized void drain() throws IOException, InterruptedException {
    wanted = false;
    boolean wasReady = ready();
    boolean ended = process.stop(STOP_SECONDS);
    if (!ended) {
      complaints.add("%s did not stop, see %s".formatted(name, process.log()));
    } else if (wasReady && process.exitCode() != 0) {
      complaints.add(
          "%s stopped with exit code %d, see %s"
              .formatted(name, process.exitCode(), process.log()));
    }
  }

  @Override
  public void close() {
    kill();
  }
}
