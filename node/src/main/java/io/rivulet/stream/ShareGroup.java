package io.rivulet.stream;

import io.rivulet.protocol.KafkaUnavailableException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.GroupIdNotFoundException;

/** The share group of a node: its settings in Kafka, and what Kafka knows of it. */
final class ShareGroup {

  private static final String FEATURE = "share.version";
  private static final String OFFSET_RESET = "share.auto.offset.reset";
  private static final String DELIVERY_LIMIT = "share.delivery.count.limit";
  private static final int DEFAULT_DELIVERY_LIMIT = 5;

  private final Cluster cluster;
  private final NodeOptions options;
  private final String id;
  private final int deliveryLimit;

  /**
   * The group, made ready.
   *
   * @throws IllegalArgumentException when the id is another kind of group's
   * @throws KafkaUnavailableException when Kafka has no share groups, or does not answer
   */
  ShareGroup(Cluster cluster, NodeOptions options) {
    this.cluster = cluster;
    this.options = options;
    this.id = options.intake().groupId();
    if (!isSupported(cluster)) {
      throw new KafkaUnavailableException(
          "Kafka at "
              + cluster.kafka().bootstrapServers()
              + " has no share groups: it must be version 4.2 or newer with the feature "
              + FEATURE
              + " at 1; or take prompts with --intake group");
    }
    GroupKind.requireShare(cluster, id);
    startAtTheFirstPrompt();
    deliveryLimit = readDeliveryLimit();
  }

  static boolean isSupported(Cluster cluster) {
    return cluster.has(FEATURE, 1);
  }

  /** Otherwise prompts sent before the group's first node started would never be seen. */
  private void startAtTheFirstPrompt() {
    var set =
        new AlterConfigOp(new ConfigEntry(OFFSET_RESET, "earliest"), AlterConfigOp.OpType.SET);
    cluster.await(
        "set " + OFFSET_RESET + " of the group " + id,
        cluster.admin().incrementalAlterConfigs(Map.of(resource(), List.of(set))).all());
  }

  private int readDeliveryLimit() {
    ConfigEntry entry =
        cluster
            .await("describe the group", cluster.admin().describeConfigs(List.of(resource())).all())
            .get(resource())
            .get(DELIVERY_LIMIT);
    return entry == null || entry.value() == null
        ? DEFAULT_DELIVERY_LIMIT
        : Integer.parseInt(entry.value());
  }

  private ConfigResource resource() {
    return new ConfigResource(ConfigResource.Type.GROUP, id);
  }

  /** How often Kafka delivers a prompt before it drops it. */
  int deliveryLimit() {
    return deliveryLimit;
  }

  /**
   * Whether a record that counts as delivered for the first time may have been delivered before: a
   * new leader of its partition does not know all that the one before it had delivered.
   */
  boolean hasNewLeader(ConsumerRecord<?, ?> record) {
    var partition = PromptPlace.of(record).topicPartition();
    Optional<Integer> now =
        cluster
            .await(
                "name the leader of " + partition,
                cluster
                    .admin()
                    .listOffsets(Map.of(partition, OffsetSpec.latest()))
                    .partitionResult(partition))
            .leaderEpoch();
    return now.isEmpty() || !now.equals(record.leaderEpoch());
  }

  /**
   * Waits until the group gives the node partitions to take prompts from, which takes some
   * heartbeats. One that has to wait longer than Kafka may take to answer will get them later.
   */
  void awaitMembership() {
    cluster.awaitThat(this::isMember);
  }

  String id() {
    return id;
  }

  /** Whether the node is in it now. */
  boolean isMember() {
    try {
      return cluster
          .await("describe the group", cluster.admin().describeShareGroups(List.of(id)).all())
          .get(id)
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
}
