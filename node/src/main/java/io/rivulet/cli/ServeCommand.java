package io.rivulet.cli;

import io.rivulet.engine.BatchEngine;
import io.rivulet.model.LoadedModel;
import io.rivulet.model.SparsityMode;
import io.rivulet.stream.Node;
import io.rivulet.stream.NodeOptions;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs a node until it is told to stop. */
@Command(
    name = "serve",
    description = "Runs a node: takes prompts from Kafka and streams tokens back, until stopped.",
    mixinStandardHelpOptions = true)
final class ServeCommand implements Callable<Integer> {

  @Mixin private KafkaOptions kafka;
  @Mixin private EngineSettings settings;

  @Mixin private IntakeSettings intake;

  @Option(
      names = "--node-id",
      paramLabel = "ID",
      description = "Names the node in events. Default: made from host and process.")
  private Optional<String> nodeId = Optional.empty();

  @Option(
      names = "--sparsity",
      paramLabel = "MODE",
      description =
          "For requests that do not say: ${COMPLETION-CANDIDATES}; the same on all nodes of a"
              + " group. Default: exact, or what the profile is best for.")
  private Optional<SparsityMode> sparsity = Optional.empty();

  @Option(
      names = "--telemetry-interval",
      paramLabel = "TIME",
      converter = DurationConverter.class,
      description =
          "How often the node reports to the telemetry topic, such as 500ms or 10s; 0: never"
              + " (default: 1s).")
  private Optional<Duration> telemetryInterval = Optional.empty();

  @Override
  public Integer call() throws Exception {
    return Termination.during(this::serve);
  }

  private int serve(Termination termination) {
    try (LoadedModel loaded = settings.open();
        BatchEngine engine = settings.start(loaded);
        Node node = Node.start(options(loaded), engine)) {
      System.out.printf(
          "Node %s takes %d prompts at a time from %s with %s, sparsity %s. Ctrl-C stops it.%n",
          node.id(),
          node.slots(),
          kafka.topics().prompts(),
          EngineSettings.describe(loaded),
          Names.of(mode(loaded)));
      termination.await();
      System.out.println("Stopping: finishing what has begun.");
    }
    return 0;
  }

  private SparsityMode mode(LoadedModel loaded) {
    return sparsity.orElseGet(() -> ProfileOption.defaultMode(loaded));
  }

  private NodeOptions options(LoadedModel loaded) {
    NodeOptions options =
        NodeOptions.of(kafka.connection(), EngineSettings.name(loaded))
            .withTopics(kafka.topics())
            .withIntake(intake.options())
            .withDefaultSparsity(mode(loaded));
    options = nodeId.map(options::withNodeId).orElse(options);
    return telemetryInterval.map(options::withTelemetryInterval).orElse(options);
  }
}
