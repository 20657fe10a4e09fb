package io.rivulet.cli;

import io.rivulet.stream.IntakeKind;
import io.rivulet.stream.IntakeOptions;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.Option;

/** How a node takes prompts. */
final class IntakeSettings {

  @Option(
      names = "--intake",
      paramLabel = "KIND",
      description = {
        "${COMPLETION-CANDIDATES}. share: any number of nodes share a partition, tokens are",
        "delivered at least once. group: tokens and progress are one transaction, and readers of",
        "what is committed see each token once. Default: auto, share where the broker can."
      })
  private IntakeKind kind = IntakeOptions.DEFAULT.kind();

  @Option(
      names = "--group",
      paramLabel = "NAME",
      description = "The group; its nodes share the prompts (default: ${DEFAULT-VALUE}).")
  private String group = IntakeOptions.DEFAULT.groupId();

  @Option(
      names = "--group-instance-id",
      paramLabel = "ID",
      description =
          "Makes the node a static member of a consumer group: restarted under this name in time"
              + " it gets its partitions again, without a rebalance.")
  private Optional<String> instanceId = Optional.empty();

  @Option(
      names = "--slots",
      paramLabel = "N",
      description = {
        "Prompts taken at a time; those beyond the batch wait in the node, in the order of their",
        "priorities. Default: as many as --batch."
      })
  private Optional<Integer> slots = Optional.empty();

  @Option(
      names = "--attempts",
      paramLabel = "N",
      description = {
        "After so many attempts in a row that brought no token a prompt is set aside as a dead",
        "letter (default: ${DEFAULT-VALUE}). More where nodes come and go all the time."
      })
  private int attempts = IntakeOptions.DEFAULT.attempts();

  @Option(
      names = "--drain-timeout",
      paramLabel = "SECONDS",
      description =
          "How long a stopping node finishes what it has begun. Default: 20; what is left goes to"
              + " other nodes.")
  private Optional<Integer> drainSeconds = Optional.empty();

  IntakeOptions options() {
    IntakeOptions options =
        IntakeOptions.DEFAULT.withKind(kind).withGroupId(group).withAttempts(attempts);
    options = instanceId.map(options::withInstanceId).orElse(options);
    options = slots.map(options::withSlots).orElse(options);
    return drainSeconds.map(Duration::ofSeconds).map(options::withDrainTimeout).orElse(options);
  }
}
