package io.rivulet.cli;

import io.rivulet.protocol.KafkaConnection;
import io.rivulet.protocol.Topics;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** How to reach Kafka, and which topics to use. */
final class KafkaOptions {

  private static final String SERVERS = "bootstrap.servers";

  @Option(
      names = "--bootstrap-servers",
      paramLabel = "HOST:PORT",
      description =
          "Kafka brokers to connect to first, separated by commas. Default: bootstrap.servers"
              + " among the properties below.")
  private Optional<String> bootstrapServers = Optional.empty();

  @Option(
      names = "--topic-prefix",
      paramLabel = "PREFIX",
      description = "What the topics' names begin with (default: ${DEFAULT-VALUE}).")
  private String topicPrefix = Topics.DEFAULT.prefix();

  @Option(
      names = "--kafka-config",
      paramLabel = "FILE",
      description = {
        "A properties file for Kafka's own clients: security.protocol, sasl.*, ssl.* and any"
            + " other.",
        "A key that begins with producer., consumer. or admin. goes to that kind of client alone."
      })
  private Optional<Path> file = Optional.empty();

  @Option(
      names = "--kafka-property",
      paramLabel = "KEY=VALUE",
      description = {
        "One such property, over the file's and over that of the environment, where sasl.mechanism",
        "is RIVULET_KAFKA_SASL_MECHANISM; may be given many times. Others can see command lines:",
        "put secrets into the file or the environment."
      })
  private List<String> properties = List.of();

  /** By these options and the environment. */
  KafkaConnection connection() {
    Map<String, String> all = KafkaProperties.of(file, System.getenv(), properties);
    String servers =
        bootstrapServers
            .or(() -> Optional.ofNullable(all.get(SERVERS)))
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "name the Kafka to use: --bootstrap-servers HOST:PORT, or "
                            + SERVERS
                            + " in --kafka-config"));
    all.remove(SERVERS);
    return new KafkaConnection(servers, all, KafkaConnection.DEFAULT_TIMEOUT);
  }

  Topics topics() {
    return new Topics(topicPrefix);
  }
}
