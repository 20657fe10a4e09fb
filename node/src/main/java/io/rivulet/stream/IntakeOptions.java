package io.rivulet.stream;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How a node takes prompts.
 *
 * @param kind in a share group or a consumer group
 * @param groupId the group: its nodes share the prompts
 * @param instanceId makes the node a static member of a consumer group: one that comes back under
 *     this name in time gets its partitions again, without a rebalance
 * @param slots prompts it takes at a time; absent: as many as keep the engine's batch full
 * @param attempts after so many in a row that came to nothing a prompt is set aside; in a share
 *     group, where Kafka counts them, whatever ended them, in a consumer group not those that a
 *     node handed back
 * @param drainTimeout how long a closing node may finish what it has begun; the rest is handed on
 */
public record IntakeOptions(
    IntakeKind kind,
    String groupId,
    Optional<String> instanceId,
    OptionalInt slots,
    int attempts,
    Duration drainTimeout) {

  /** Whatever the broker has, in the group {@code rivulet}. */
  public static final IntakeOptions DEFAULT =
      new IntakeOptions(
          IntakeKind.AUTO,
          "rivulet",
          Optional.empty(),
          OptionalInt.empty(),
          5,
          Duration.ofSeconds(20));

  /** What Kafka takes. */
  private static final int LONGEST_INSTANCE_ID = 249;

  public IntakeOptions {
    requireNonNull(kind, "kind is null");
    if (groupId.isBlank()) {
      throw new IllegalArgumentException("the group id is blank: name the group");
    }
    instanceId.ifPresent(
        name -> NodeOptions.requireName("group instance id", LONGEST_INSTANCE_ID, name));
    slots.ifPresent(count -> NodeOptions.requireAtLeastOne("slots", count));
    NodeOptions.requireAtLeastOne("attempts", attempts);
    if (drainTimeout.isNegative()) {
      throw new IllegalArgumentException(
          "the drain timeout must not be negative, was " + drainTimeout);
    }
  }

  public IntakeOptions withKind(IntakeKind value) {
    return new IntakeOptions(value, groupId, instanceId, slots, attempts, drainTimeout);
  }

  public IntakeOptions withGroupId(String value) {
    return new IntakeOptions(kind, value, instanceId, slots, attempts, drainTimeout);
  }

  public IntakeOptions withInstanceId(String value) {
    return new IntakeOptions(kind, groupId, Optional.of(value), slots, attempts, drainTimeout);
  }

  public IntakeOptions withSlots(int value) {
    return new IntakeOptions(
        kind, groupId, instanceId, OptionalInt.of(value), attempts, drainTimeout);
  }

  public IntakeOptions withAttempts(int value) {
    return new IntakeOptions(kind, groupId, instanceId, slots, value, drainTimeout);
  }

  public IntakeOptions withDrainTimeout(Duration value) {
    return new IntakeOptions(kind, groupId, instanceId, slots, attempts, value);
  }
}
