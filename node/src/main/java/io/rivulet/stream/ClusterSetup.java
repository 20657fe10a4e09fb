package io.rivulet.stream;

import io.rivulet.protocol.KafkaUnavailableException;
import io.rivulet.protocol.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes Kafka ready for a node: its topics, and the settings of its share group. */
final class ClusterSetup {

  private static final Logger log = LoggerFactory.getLogger(ClusterSetup.class);

  private static final String SHARE_FEATURE = "share.version";
  private static final String OFFSET_RESET = "share.auto.offset.reset";
  private static final String DELIVERY_LIMIT = "share.delivery.count.limit";
  private static final int DEFAULT_DELIVERY_LIMIT = 5;
  private static final Duration MEMBERSHIP_POLL = Duration.ofMillis(100);

  /** A dead letter is a prompt and some headers, so it must be let be larger than a prompt. */
  private static final Map<String, String> DEAD_LETTER_CONFIG =
      Map.of(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, String.valueOf(2 << 20));

  private final Admin admin;
  private final NodeOptions options;

  ClusterSetup(Admin admin, NodeOptions options) {
    this.admin = admin;
    this.options = options;
  }

  /**
   * Prepares the cluster.
   *
   * @return how often Kafka delivers a prompt before it drops it
   * @throws KafkaUnavailableException when it does not do what is needed
   */
  int prepare() {
    requireShareGroups();
    createTopics();
    startAtTheFirstPrompt();
    return deliveryLimit();
  }

  private void requireShareGroups() {
    var features =
        await("describe its features", admin.describeFeatures().featureMetadata())
            .finalizedFeatures();
    if (!features.containsKey(SHARE_FEATURE) || features.get(SHARE_FEATURE).maxVersionLevel() < 1) {
      throw new KafkaUnavailableException(
          "Kafka at "
              + options.kafka().bootstrapServers()
              + " has no share groups: it must be version 4.2 or newer with the feature "
              + SHARE_FEATURE
              + " at 1");
    }
  }

  private void createTopics() {
    Topics topics = options.topics();
    var wanted = new ArrayList<NewTopic>();
    for (String name : List.of(topics.prompts(), topics.tokens(), topics.telemetry())) {
      int partitions = name.equals(topics.telemetry()) ? 1 : options.partitions();
      wanted.add(new NewTopic(name, Optional.of(partitions), Optional.empty()));
    }
    wanted.add(
        new NewTopic(topics.deadLetters(), Optional.of(1), Optional.empty())
            .configs(DEAD_LETTER_CONFIG));
    var existing = await("list its topics", admin.listTopics().names());
    wanted.removeIf(topic -> existing.contains(topic.name()));
    if (wanted.isEmpty()) {
      return;
    }
    admin
        .createTopics(wanted)
        .values()
        .forEach(
            (name, created) -> {
              try {
                await("create the topic " + name, created);
                log.info("created the topic {}", name);
              } catch (KafkaUnavailableException e) {
                // Another node may have been quicker.
                if (!(e.getCause() instanceof TopicExistsException)) {
                  throw e;
                }
              }
            });
  }

  /** Otherwise prompts sent before the group's first node started would never be seen. */
  private void startAtTheFirstPrompt() {
    var set =
        new AlterConfigOp(new ConfigEntry(OFFSET_RESET, "earliest"), AlterConfigOp.OpType.SET);
    await(
        "set " + OFFSET_RESET + " of the group " + options.groupId(),
        admin.incrementalAlterConfigs(Map.of(group(), List.of(set))).all());
  }

  private int deliveryLimit() {
    ConfigEntry entry =
        await("describe the group", admin.describeConfigs(List.of(group())).all())
            .get(group())
            .get(DELIVERY_LIMIT);
    return entry == null || entry.value() == null
        ? DEFAULT_DELIVERY_LIMIT
        : Integer.parseInt(entry.value());
  }

  /**
   * Waits until the group gives the node partitions to take prompts from, which takes some
   * heartbeats. One that has to wait longer than Kafka may take to answer will get them later.
   */
  void awaitMembership() {
    long deadline = System.nanoTime() + options.kafka().timeout().toNanos();
    while (!isMember() && System.nanoTime() < deadline && !Thread.currentThread().isInterrupted()) {
      LockSupport.parkNanos(MEMBERSHIP_POLL.toNanos());
    }
  }

  private boolean isMember() {
    try {
      return await(
              "describe the group", admin.describeShareGroups(List.of(options.groupId())).all())
          .get(options.groupId())
          .members()
          .stream()
          .filter(member -> member.clientId().startsWith(options.nodeId()))
          .anyMatch(member -> !member.assignment().topicPartitions().isEmpty());
    } catch (KafkaUnavailableException e) {
      if (e.getCause() instanceof GroupIdNotFoundException) {
        return false;
      }
      throw e;
    }
  }

  private ConfigResource group() {
    return new ConfigResource(ConfigResource.Type.GROUP, options.groupId());
  }

  private <T> T await(String what, KafkaFuture<T> answer) {
    String servers = options.kafka().bootstrapServers();
    try {
      return answer.get(options.kafka().timeout().toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new KafkaUnavailableException(
          "Kafka at " + servers + " did not " + what + ": " + e.getCause().getMessage(),
          e.getCause());
    } catch (TimeoutException e) {
      throw new KafkaUnavailableException(
          "Kafka at " + servers + " did not " + what + " in time", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KafkaUnavailableException("interrupted while preparing Kafka at " + servers, e);
    }
  }
}
