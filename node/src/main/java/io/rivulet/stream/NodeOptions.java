package io.rivulet.stream;

import io.rivulet.model.SparsityMode;
import io.rivulet.protocol.KafkaConnection;
import io.rivulet.protocol.Topics;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.OptionalInt;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;

/**
 * How a node works.
 *
 * @param kafka how to reach Kafka
 * @param topics where prompts are and tokens go; those that do not exist are created
 * @param nodeId names the node in events, unique among the nodes
 * @param groupId the share group: its nodes share the prompts
 * @param model the name the node answers to
 * @param slots prompts it takes at a time; absent: as many as fit the engine's batch
 * @param defaultMaxTokens for requests that do not say
 * @param defaultSparsity for requests that do not say; the same for all nodes of a group, so that
 *     each would answer a request alike
 * @param partitions of topics that are created
 * @param drainTimeout how long a closing node may finish what it has begun; the rest is handed on
 */
public record NodeOptions(
    KafkaConnection kafka,
    Topics topics,
    String nodeId,
    String groupId,
    String model,
    OptionalInt slots,
    int defaultMaxTokens,
    SparsityMode defaultSparsity,
    int partitions,
    Duration drainTimeout) {

  private static final Pattern NODE_ID = Pattern.compile("[A-Za-z0-9._-]{1,200}");

  public NodeOptions {
    if (!NODE_ID.matcher(nodeId).matches()) {
      throw new IllegalArgumentException(
          "the node id must be 1 to 200 letters, digits, dots, underscores or hyphens, was '"
              + nodeId
              + "'");
    }
    if (groupId.isBlank()) {
      throw new IllegalArgumentException("the group id is blank: name the share group");
    }
    slots.ifPresent(count -> atLeastOne("slots", count));
    atLeastOne("the default max_tokens", defaultMaxTokens);
    atLeastOne("partitions", partitions);
    if (drainTimeout.isNegative()) {
      throw new IllegalArgumentException(
          "the drain timeout must not be negative, was " + drainTimeout);
    }
  }

  private static void atLeastOne(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " must be at least 1, was " + value);
    }
  }

  /** A node of the group {@code rivulet} with the topics of the contract. */
  public static NodeOptions of(KafkaConnection kafka, String model) {
    return new NodeOptions(
        kafka,
        Topics.DEFAULT,
        newNodeId(),
        "rivulet",
        model,
        OptionalInt.empty(),
        128,
        SparsityMode.EXACT,
        3,
        Duration.ofSeconds(20));
  }

  public NodeOptions withTopics(Topics value) {
    return new NodeOptions(
        kafka,
        value,
        nodeId,
        groupId,
        model,
        slots,
        defaultMaxTokens,
        defaultSparsity,
        partitions,
        drainTimeout);
  }

  public NodeOptions withNodeId(String value) {
    return new NodeOptions(
        kafka,
        topics,
        value,
        groupId,
        model,
        slots,
        defaultMaxTokens,
        defaultSparsity,
        partitions,
        drainTimeout);
  }

  public NodeOptions withGroupId(String value) {
    return new NodeOptions(
        kafka,
        topics,
        nodeId,
        value,
        model,
        slots,
        defaultMaxTokens,
        defaultSparsity,
        partitions,
        drainTimeout);
  }

  public NodeOptions withSlots(int value) {
    return new NodeOptions(
        kafka,
        topics,
        nodeId,
        groupId,
        model,
        OptionalInt.of(value),
        defaultMaxTokens,
        defaultSparsity,
        partitions,
        drainTimeout);
  }

  public NodeOptions withDefaultMaxTokens(int value) {
    return new NodeOptions(
        kafka,
        topics,
        nodeId,
        groupId,
        model,
        slots,
        value,
        defaultSparsity,
        partitions,
        drainTimeout);
  }

  public NodeOptions withPartitions(int value) {
    return new NodeOptions(
        kafka,
        topics,
        nodeId,
        groupId,
        model,
        slots,
        defaultMaxTokens,
        defaultSparsity,
        value,
        drainTimeout);
  }

  public NodeOptions withDrainTimeout(Duration value) {
    return new NodeOptions(
        kafka,
        topics,
        nodeId,
        groupId,
        model,
        slots,
        defaultMaxTokens,
        defaultSparsity,
        partitions,
        value);
  }

  /** Host, process and a random part, so that a restarted node is another one. */
  private static String newNodeId() {
    String host;
    try {
      host = InetAddress.getLocalHost().getHostName().replaceAll("[^A-Za-z0-9._-]", "-");
    } catch (UnknownHostException e) {
      host = "localhost";
    }
    String random = HexFormat.of().toHexDigits((short) ThreadLocalRandom.current().nextInt());
    return host + "-" + ProcessHandle.current().pid() + "-" + random;
  }

  public NodeOptions withDefaultSparsity(SparsityMode value) {
    return new NodeOptions(
        kafka,
        topics,
        nodeId,
        groupId,
        model,
        slots,
        defaultMaxTokens,
        value,
        partitions,
        drainTimeout);
  }
}
