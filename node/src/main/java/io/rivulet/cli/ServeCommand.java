package io.rivulet.cli;

import io.rivulet.engine.BatchEngine;
import io.rivulet.http.WebServer;
import io.rivulet.model.LoadedModel;
import io.rivulet.model.SparsityMode;
import io.rivulet.stream.Node;
import io.rivulet.stream.NodeOptions;
import java.time.Duration;
import java.util.List;
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
  @Mixin private HttpOptions http;
  @Mixin private OtlpOption otlp;

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
    var probes = new NodeProbes();
    try (Opened<WebServer> web = http.start(kafka.connection(), kafka.topics(), probes.probes());
        LoadedModel loaded = open(web);
        BatchEngine engine = settings.start(loaded);
        Node node = Node.start(options(loaded), engine, otlp.settings())) {
      probes.started(List.of(node));
      System.out.printf(
          "Node %s takes %d prompts at a time from %s with %s, sparsity %s. Ctrl-C stops it.%n",
          node.id(),
          node.slots(),
          kafka.topics().prompts(),
          EngineSettings.describe(loaded),
          Names.of(mode(loaded)));
      termination
          .await(node.failed())
          .ifPresent(
              reason -> {
                throw new CommandFailedException(
                    "the node takes no more prompts: " + reason + "; start it again");
              });
      probes.stopping();
      System.out.println("Stopping: finishing what has begun.");
    }
    return 0;
  }

  /** Says first where it can be watched. */
  private LoadedModel open(Opened<WebServer> web) {
    web.all().forEach(server -> System.out.printf("The live page is at %s%n", server.address()));
    return settings.open();
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
