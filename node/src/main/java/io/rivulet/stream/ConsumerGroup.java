package io.rivulet.stream;

import io.rivulet.protocol.KafkaUnavailableException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;

/** The consumer group of a node, as Kafka knows it. */
final class ConsumerGroup {

  private static final String FEATURE = "group.version";

  /** After it a silent member is out; where the broker assigns, it says itself how long that is. */
  private static final int SESSION_TIMEOUT_MS = 10_000;

  private final Cluster cluster;
  private final NodeOptions options;
  private final String id;
  private final boolean brokerAssigns;

  /**
   * The group.
   *
   * @throws IllegalArgumentException when the id is another kind of group's
   * @throws KafkaUnavailableException when Kafka does not answer
   */
  ConsumerGroup(Cluster cluster, NodeOptions options) {
    this.cluster = cluster;
    this.options = options;
    this.id = options.intake().groupId();
    GroupKind.requireConsumer(cluster, id);
    brokerAssigns = cluster.has(FEATURE, 1);
  }

  /** How a member's consumer is configured where nobody says otherwise. */
  Map<String, Object> memberDefaults() {
    return brokerAssigns
        ? Map.of("group.protocol", "consumer")
        : Map.of(
            "group.protocol",
            "classic",
            "session.timeout.ms",
            SESSION_TIMEOUT_MS,
            "partition.assignment.strategy",
            "org.apache.kafka.clients.consumer.CooperativeStickyAssignor");
  }

  /** What makes a consumer a member. */
  Map<String, Object> membership() {
    var configuration = new HashMap<String, Object>();
    configuration.put("group.id", id);
    options.intake().instanceId().ifPresent(name -> configuration.put("group.instance.id", name));
    return configuration;
  }

  /** What a node's transactions are known by. */
  String transactionalId(String nodeId) {
    return "rivulet-" + id + "-" + nodeId;
  }

  /**
   * Ends the transactions of the nodes that had these partitions and did not give them up. Their
   * tokens are then either published, with the progress that says so, or never will be.
   */
  void fenceOwners(Collection<TopicPartition> partitions) {
    Set<String> owners =
        committed(partitions).values().stream()
            .filter(Objects::nonNull)
            .flatMap(offset -> ProgressMetadata.owner(offset.metadata()).stream())
            .filter(owner -> !owner.equals(options.nodeId()))
            .map(this::transactionalId)
            .collect(Collectors.toSet());
    if (!owners.isEmpty()) {
      cluster.await("fence " + owners, cluster.admin().fenceProducers(owners).all());
    }
  }

  /** What is committed now, whatever transaction is under way. */
  private Map<TopicPartition, OffsetAndMetadata> committed(Collection<TopicPartition> partitions) {
    return cluster.await(
        "list the offsets of the group " + id,
        cluster
            .admin()
            .listConsumerGroupOffsets(
                Map.of(id, new ListConsumerGroupOffsetsSpec().topicPartitions(partitions)),
                new ListConsumerGroupOffsetsOptions().requireStable(false))
            .partitionsToOffsetAndMetadata(id));
  }

  /** Waits until the node is in the group, but no longer than Kafka may take to answer. */
  void awaitMembership() {
    cluster.awaitThat(this::isMember);
  }

  String id() {
    return id;
  }

  /** Whether the node is in it now. */
  boolean isMember() {
    try {
      var group =
          cluster
              .await(
                  "describe the group", cluster.admin().describeConsumerGroups(List.of(id)).all())
              .get(id);
      return group.groupState() == GroupState.STABLE
          && group.members().stream()
              .anyMatch(member -> member.clientId().equals(options.nodeId()));
    } catch (KafkaUnavailableException e) {
      if (e.getCause() instanceof GroupIdNotFoundException) {
        return false;
      }
      throw e;
    }
  }
}
