package io.rivulet.stream;

import io.rivulet.model.SparsityMode;
import io.rivulet.protocol.KafkaConnection;
import io.rivulet.protocol.Topics;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;

/**
 * How a node works.
 *
 * @param kafka how to reach Kafka
 * @param topics where prompts are and tokens go; those that do not exist are created
 * @param nodeId names the node in events and transactions, unique among the nodes
 * @param model the name the node answers to
 * @param defaultMaxTokens for requests that do not say
 * @param defaultSparsity for requests that do not say; the same for all nodes of a group, so that
 *     each would answer a request alike
 * @param partitions of topics that are created
 * @param intake how it takes prompts
 * @param telemetryInterval how often it reports, from {@link #LEAST_INTERVAL} to {@link
 *     #MOST_INTERVAL}; zero: never
 */
public record NodeOptions(
    KafkaConnection kafka,
    Topics topics,
    String nodeId,
    String model,
    int defaultMaxTokens,
    SparsityMode defaultSparsity,
    int partitions,
    IntakeOptions intake,
    Duration telemetryInterval) {

  /** More often nobody could look. */
  public static final Duration LEAST_INTERVAL = Duration.ofMillis(100);

  public static final Duration MOST_INTERVAL = Duration.ofHours(1);

  private static final int LONGEST_NODE_ID = 200;
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]+");

  public NodeOptions {
    requireName("node id", LONGEST_NODE_ID, nodeId);
    requireAtLeastOne("the default max_tokens", defaultMaxTokens);
    requireAtLeastOne("partitions", partitions);
    if (!telemetryInterval.isZero()
        && (telemetryInterval.compareTo(LEAST_INTERVAL) < 0
            || telemetryInterval.compareTo(MOST_INTERVAL) > 0)) {
      throw new IllegalArgumentException(
          "the telemetry interval must be 0 or from %d ms to %d s, was %d ms"
              .formatted(
                  LEAST_INTERVAL.toMillis(),
                  MOST_INTERVAL.toSeconds(),
                  telemetryInterval.toMillis()));
    }
  }

  static void requireName(String what, int longest, String name) {
    if (name.length() > longest || !NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "the %s must be 1 to %d letters, digits, dots, underscores or hyphens, was '%s'"
              .formatted(what, longest, name));
    }
  }

  static void requireAtLeastOne(String name, int value) {
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
        model,
        128,
        SparsityMode.EXACT,
        3,
        IntakeOptions.DEFAULT,
        Duration.ofSeconds(1));
  }

  public NodeOptions withTopics(Topics value) {
    return new NodeOptions(
        kafka,
        value,
        nodeId,
        model,
        defaultMaxTokens,
        defaultSparsity,
        partitions,
        intake,
        telemetryInterval);
  }

  public NodeOptions withNodeId(String value) {
    return new NodeOptions(
        kafka,
        topics,
        value,
        model,
        defaultMaxTokens,
        defaultSparsity,
        partitions,
        intake,
        telemetryInterval);
  }

  public NodeOptions withDefaultMaxTokens(int value) {
    return new NodeOptions(
        kafka,
        topics,
        nodeId,
        model,
        value,
        defaultSparsity,
        partitions,
        intake,
        telemetryInterval);
  }

  public NodeOptions withDefaultSparsity(SparsityMode value) {
    return new NodeOptions(
        kafka,
        topics,
        nodeId,
        model,
        defaultMaxTokens,
        value,
        partitions,
        intake,
        telemetryInterval);
  }

  public NodeOptions withPartitions(int value) {
    return new NodeOptions(
        kafka,
        topics,
        nodeId,
        model,
        defaultMaxTokens,
        defaultSparsity,
        value,
        intake,
        telemetryInterval);
  }

  public NodeOptions withIntake(IntakeOptions value) {
    return new NodeOptions(
        kafka,
        topics,
        nodeId,
        model,
        defaultMaxTokens,
        defaultSparsity,
        partitions,
        value,
        telemetryInterval);
  }

  public NodeOptions withTelemetryInterval(Duration value) {
    return new NodeOptions(
        kafka, topics, nodeId, model, defaultMaxTokens, defaultSparsity, partitions, intake, value);
  }

  public NodeOptions withGroupId(String value) {
    return withIntake(intake.withGroupId(value));
  }

  public NodeOptions withSlots(int value) {
    return withIntake(intake.withSlots(value));
  }

  public NodeOptions withDrainTimeout(Duration value) {
    return withIntake(intake.withDrainTimeout(value));
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
}
