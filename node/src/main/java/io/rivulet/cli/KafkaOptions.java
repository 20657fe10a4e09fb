package io.rivulet.cli;

import io.rivulet.protocol.KafkaConnection;
import io.rivulet.protocol.Topics;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Option;

/** How to reach Kafka, and which topics to use. */
final class KafkaOptions {

  @Option(
      names = "--bootstrap-servers",
      paramLabel = "HOST:PORT",
      required = true,
      description = "Kafka brokers to connect to first, separated by commas.")
  private String bootstrapServers;

  @Option(
      names = "--topic-prefix",
      paramLabel = "PREFIX",
      description = "What the topics' names begin with (default: ${DEFAULT-VALUE}).")
  private String topicPrefix = Topics.DEFAULT.prefix();

  @Option(
      names = "--kafka-property",
      paramLabel = "KEY=VALUE",
      description = {
        "Any property of Kafka's own clients; may be given many times. A key that begins with",
        "producer., consumer. or admin. goes to that kind of client alone."
      })
  private Map<String, String> properties = new LinkedHashMap<>();

  KafkaConnection connection() {
    return new KafkaConnection(bootstrapServers, properties, KafkaConnection.DEFAULT_TIMEOUT);
  }

  Topics topics() {
    return new Topics(topicPrefix);
  }
}
