package io.rivulet.faults;

import java.io.IOException;
import java.io.Writer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The broker's process, with a listener for the harness and one for each node's link. */
final class Broker implements AutoCloseable {

  private static final String HOST = "127.0.0.1";
  private static final int STOP_SECONDS = 60;
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final Path folder;
  private final List<Link> links;
  private final int port;
  private Child process;
  private int starts;

  private Broker(Path folder, int port, List<Link> links) {
    this.folder = folder;
    this.port = port;
    this.links = links;
  }

  /** Starts one below a folder and returns when it serves. */
  static Broker start(Path folder, int nodes) throws IOException, InterruptedException {
    List<Integer> ports = freePorts(nodes + 2);
    var links = new ArrayList<Link>();
    for (int i = 0; i < nodes; i++) {
      links.add(Link.to(ports.get(i + 2)));
    }
    var broker = new Broker(folder, ports.getFirst(), List.copyOf(links));
    broker.configure(ports);
    broker.up();
    return broker;
  }

  /** Where the harness connects. */
  String direct() {
    return HOST + ":" + port;
  }

  /** The way of a node to the broker. */
  Link link(int node) {
    return links.get(node);
  }

  /** Where a node connects. */
  String through(int node) {
    return HOST + ":" + link(node).port();
  }

  /** Starts the process and waits until it serves. */
  void up() throws IOException, InterruptedException {
    process =
        Child.start(
            List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-Xmx384m",
                "-cp",
                System.getProperty("java.class.path"),
                BrokerMain.class.getName(),
                folder.resolve("data").toString(),
                folder.resolve("broker.properties").toString()),
            Map.of(),
            folder.resolve("broker-" + starts++ + ".log"));
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!process.said("up")) {
      if (!process.alive() || System.nanoTime() - deadline > 0) {
        throw new IOException("the broker did not come up, see " + process.log());
      }
      Thread.sleep(50);
    }
  }

  void stop() throws InterruptedException {
    process.stop(STOP_SECONDS);
  }

  void kill() {
    process.kill();
  }

  private void configure(List<Integer> ports) throws IOException {
    int controller = ports.get(1);
    var properties = new Properties();
    properties.putAll(
        Map.of(
            "listeners",
            "PLAINTEXT://%s:%d,CONTROLLER://%s:%d".formatted(HOST, port, HOST, controller)
                + each(i -> "NODE" + i + "://" + HOST + ":" + ports.get(i + 2)),
            "advertised.listeners",
            "PLAINTEXT://%s:%d".formatted(HOST, port) + each(i -> "NODE" + i + "://" + through(i)),
            "listener.security.protocol.map",
            "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT" + each(i -> "NODE" + i + ":PLAINTEXT"),
            "controller.quorum.voters",
            "1@" + HOST + ":" + controller));
    // Claims of silent nodes run out as soon as a broker can be told to let them, and a prompt may
    // meet as many faults as Kafka can count.
    properties.putAll(
        Map.of(
            "group.share.min.record.lock.duration.ms", "1000",
            "group.share.record.lock.duration.ms", "4000",
            "group.share.delivery.count.limit", "10",
            "group.consumer.min.session.timeout.ms", "1000",
            "group.consumer.session.timeout.ms", "4000",
            "group.consumer.min.heartbeat.interval.ms", "500",
            "group.consumer.heartbeat.interval.ms", "500",
            "transaction.abort.timed.out.transaction.cleanup.interval.ms", "1000"));
    try (Writer writer = Files.newBufferedWriter(folder.resolve("broker.properties"))) {
      properties.store(writer, "of the fault harness");
    }
    Files.createDirectory(folder.resolve("data"));
  }

  private String each(IntFunction<String> text) {
    return IntStream.range(0, links.size())
        .mapToObj(i -> "," + text.apply(i))
        .collect(Collectors.joining());
  }

  /** Ports that nobody listens on now; all at once, so that they differ. */
  private static List<Integer> freePorts(int count) throws IOException {
    var sockets = new ArrayList<ServerSocket>();
    try {
      for (int i = 0; i < count; i++) {
        sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
      }
      return sockets.stream().map(ServerSocket::getLocalPort).toList();
    } finally {
      for (ServerSocket socket : sockets) {
        socket.close();
      }
    }
  }

  @Override
  public void close() throws IOException {
    process.kill();
    for (Link link : links) {
      link.close();
    }
  }
}
