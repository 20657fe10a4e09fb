package io.rivulet.stream;

import io.rivulet.protocol.KafkaUnavailableException;
import io.rivulet.protocol.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Creates the topics that do not exist. */
final class TopicSetup {

  private static final Logger log = LoggerFactory.getLogger(TopicSetup.class);

  /** A dead letter is a prompt and some headers, so it must be let be larger than a prompt. */
  private static final Map<String, String> DEAD_LETTERS =
      Map.of(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, String.valueOf(2 << 20));

  /** How long a cancel may wait for its prompt to be taken. */
  static final Duration CANCELS_KEPT = Duration.ofDays(1);

  private static final Map<String, String> CONTROL =
      Map.of(TopicConfig.RETENTION_MS_CONFIG, String.valueOf(CANCELS_KEPT.toMillis()));

  private TopicSetup() {}

  /**
   * Creates what is not there.
   *
   * @throws KafkaUnavailableException when that fails
   */
  static void createMissing(Cluster cluster, NodeOptions options) {
    var existing = cluster.await("list its topics", cluster.admin().listTopics().names());
    var missing = wanted(options).filter(topic -> !existing.contains(topic.name())).toList();
    if (missing.isEmpty()) {
      return;
    }
    cluster
        .admin()
        .createTopics(missing)
        .values()
        .forEach(
            (name, created) -> {
              try {
                cluster.await("create the topic " + name, created);
                log.info("created the topic {}", name);
              } catch (KafkaUnavailableException e) {
                // Another node may have been quicker.
                if (!(e.getCause() instanceof TopicExistsException)) {
                  throw e;
                }
              }
            });
  }

  private static Stream<NewTopic> wanted(NodeOptions options) {
    Topics topics = options.topics();
    return List.of(
        topic(topics.prompts(), options.partitions(), Map.of()),
        topic(topics.tokens(), options.partitions(), Map.of()),
        topic(topics.telemetry(), 1, Map.of()),
        topic(topics.control(), 1, CONTROL),
        topic(topics.deadLetters(), 1, DEAD_LETTERS))
        .stream();
  }

  private static NewTopic topic(String name, int partitions, Map<String, String> configuration) {
    return new NewTopic(name, Optional.of(partitions), Optional.empty()).configs(configuration);
  }
}
