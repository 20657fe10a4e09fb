package io.rivulet.broker;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;

/**
 * A single-node Kafka in this process: broker and controller in one, reachable from this machine
 * alone. Its data lies in a temporary folder that {@link #close} deletes, unless a folder is given,
 * which stays and is taken up again by the next broker there. Topics are not created by merely
 * naming them.
 */
public final class EmbeddedBroker implements AutoCloseable {

  private static final String HOST = "127.0.0.1";

  /**
   * What to start.
   *
   * @param port where clients connect; 0 for a free one
   * @param properties any of Kafka's own broker properties, over the ones chosen here
   * @param data where topics are kept; absent: in a temporary folder
   */
  public record Options(int port, Map<String, String> properties, Optional<Path> data) {

    public Options {
      if (port < 0 || port > 65535) {
        throw new IllegalArgumentException("the port must be from 0 to 65535, was " + port);
      }
      properties = Map.copyOf(properties);
    }

    /** With its data in a temporary folder. */
    public Options(int port, Map<String, String> properties) {
      this(port, properties, Optional.empty());
    }

    /** Listens on the port given; 0 for a free one. */
    public static Options onPort(int port) {
      return new Options(port, Map.of());
    }
  }

  private final KafkaRaftServer server;
  private final DataFolder data;
  private final int port;

  private EmbeddedBroker(KafkaRaftServer server, DataFolder data, int port) {
    this.server = server;
    this.data = data;
    this.port = port;
  }

  /**
   * Starts the broker and returns when it serves.
   *
   * @throws BrokerStartException when the port is taken, or the broker fails
   */
  public static EmbeddedBroker start(Options options) {
    quietLog4j();
    int port = listenable(options.port());
    int controllerPort = listenable(0);
    DataFolder data = options.data().map(DataFolder::keptIn).orElseGet(DataFolder::create);
    try {
      var properties = properties(port, controllerPort, data.path());
      properties.putAll(options.properties());
      if (!data.formatted()) {
        format(data.path());
      }
      var server = new KafkaRaftServer(KafkaConfig.fromProps(properties), Time.SYSTEM);
      server.startup();
      return new EmbeddedBroker(server, data, port);
    } catch (Exception e) {
      data.delete();
      throw new BrokerStartException(
          "the embedded Kafka did not start on " + HOST + ":" + port + ": " + e.getMessage(), e);
    }
  }

  /** What clients connect to, {@code host:port}. */
  public String bootstrapServers() {
    return HOST + ":" + port;
  }

  /** Stops the broker and deletes its data, if that is in a temporary folder. */
  @Override
  public void close() {
    // Kafka waits for its threads here; an interrupt would leave them and the data behind.
    boolean interrupted = Thread.interrupted();
    try {
      server.shutdown();
      server.awaitShutdown();
    } finally {
      data.delete();
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** The port, or a free one for 0; found out by listening there for a moment. */
  private static int listenable(int port) {
    try (var socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port));
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new BrokerStartException(
          "cannot listen on port "
              + port
              + " of "
              + HOST
              + " ("
              + e.getMessage()
              + "): stop what uses it, or choose another port",
          e);
    }
  }

  private static Properties properties(int port, int controllerPort, Path data) {
    var properties = new Properties();
    properties.putAll(
        Map.of(
            "process.roles", "broker,controller",
            "node.id", "1",
            "controller.quorum.voters", "1@" + HOST + ":" + controllerPort,
            "controller.listener.names", "CONTROLLER",
            "listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "listeners",
                "PLAINTEXT://" + HOST + ":" + port + ",CONTROLLER://" + HOST + ":" + controllerPort,
            "advertised.listeners", "PLAINTEXT://" + HOST + ":" + port,
            "log.dirs", data.toString(),
            "auto.create.topics.enable", "false",
            "group.initial.rebalance.delay.ms", "0"));
    // One node cannot hold three replicas, and few partitions of the internal topics start faster.
    for (String topic : new String[] {"offsets.topic", "transaction.state.log"}) {
      properties.put(topic + ".replication.factor", "1");
      properties.put(topic + ".num.partitions", "4");
    }
    properties.put("transaction.state.log.min.isr", "1");
    properties.put("share.coordinator.state.topic.replication.factor", "1");
    properties.put("share.coordinator.state.topic.min.isr", "1");
    properties.put("share.coordinator.state.topic.num.partitions", "4");
    // A share consumer gets its first prompts at its second heartbeat, with the default after 5 s.
    properties.put("group.share.min.heartbeat.interval.ms", "500");
    properties.put("group.share.heartbeat.interval.ms", "500");
    properties.put("group.share.assignment.interval.ms", "0");
    // The default takes 128 MiB of memory for topics that hardly need compaction here.
    properties.put("log.cleaner.dedupe.buffer.size", String.valueOf(2 << 20));
    return properties;
  }

  /**
   * Part of Kafka asks for log4j by name, which complains on the terminal that it has no backend.
   */
  private static void quietLog4j() {
    String factory = "log4j2.loggerContextFactory";
    if (System.getProperty(factory) == null) {
      System.setProperty(factory, "org.apache.logging.log4j.simple.SimpleLoggerContextFactory");
    }
  }

  private static void format(Path data) throws Exception {
    new Formatter()
        .setPrintStream(new PrintStream(OutputStream.nullOutputStream(), false, UTF_8))
        .setNodeId(1)
        .setClusterId(Uuid.randomUuid().toString())
        .setControllerListenerName("CONTROLLER")
        .setMetadataLogDirectory(data.toString())
        .setHasDynamicQuorum(false)
        .addDirectory(data.toString())
        .run();
  }

  /** Where Kafka keeps what it is told. */
  private record DataFolder(Path path, boolean temporary) {

    static DataFolder keptIn(Path path) {
      return new DataFolder(path, false);
    }

    static DataFolder create() {
      try {
        return new DataFolder(Files.createTempDirectory("rivulet-kafka-"), true);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    boolean formatted() {
      return Files.exists(path.resolve("meta.properties"));
    }

    void delete() {
      if (!temporary) {
        return;
      }
      try (var files = Files.walk(path)) {
        files.sorted(Comparator.reverseOrder()).forEach(DataFolder::deleteFile);
      } catch (IOException e) {
        throw new UncheckedIOException("cannot delete " + path, e);
      }
    }

    private static void deleteFile(Path file) {
      try {
        Files.deleteIfExists(file);
      } catch (IOException e) {
        throw new UncheckedIOException("cannot delete " + file, e);
      }
    }
  }
}
