package io.rivulet.stream;

import io.rivulet.protocol.KafkaUnavailableException;
import java.util.Locale;
import java.util.Set;
import org.apache.kafka.common.GroupType;

/**
 * Of what kind a group is. Kafka lets an id be of one kind only, and tells a member of the other
 * nothing that it could act on.
 */
final class GroupKind {

  private GroupKind() {}

  /** Refuses an id under which Kafka has another kind of group than a share group. */
  static void requireShare(Cluster cluster, String id) {
    require(cluster, id, Set.of(GroupType.SHARE), "share");
  }

  /** Refuses an id under which Kafka has another kind of group than a consumer group. */
  static void requireConsumer(Cluster cluster, String id) {
    require(cluster, id, Set.of(GroupType.CONSUMER, GroupType.CLASSIC), "group");
  }

  /**
   * Checks the group that is there, if there is one.
   *
   * @throws IllegalArgumentException where it is of another kind
   * @throws KafkaUnavailableException when Kafka does not answer
   */
  private static void require(Cluster cluster, String id, Set<GroupType> kinds, String intake) {
    cluster.await("list its groups", cluster.admin().listGroups().all()).stream()
        .filter(group -> group.groupId().equals(id))
        .flatMap(group -> group.type().stream())
        .filter(type -> !kinds.contains(type))
        .findFirst()
        .ifPresent(
            type -> {
              throw new IllegalArgumentException(
                  "the group '%s' is a %s group in Kafka at %s, which --intake %s cannot join: name another with --group%s"
                      .formatted(
                          id,
                          type.toString().toLowerCase(Locale.ROOT),
                          cluster.kafka().bootstrapServers(),
                          intake,
                          other(type)));
            });
  }

  private static String other(GroupType type) {
    return switch (type) {
      case SHARE -> ", or take prompts with --intake share";
      case CONSUMER, CLASSIC -> ", or take prompts with --intake group";
      case STREAMS, UNKNOWN -> "";
    };
  }
}
