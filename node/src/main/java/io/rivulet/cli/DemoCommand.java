package io.rivulet.cli;

import io.rivulet.broker.EmbeddedBroker;
import io.rivulet.engine.BatchEngine;
import io.rivulet.http.WebServer;
import io.rivulet.model.LoadedModel;
import io.rivulet.protocol.GenerationRequest;
import io.rivulet.protocol.KafkaConnection;
import io.rivulet.protocol.RivuletClient;
import io.rivulet.protocol.Sparsity;
import io.rivulet.protocol.Topics;
import io.rivulet.stream.Node;
import io.rivulet.stream.NodeOptions;
import io.rivulet.stream.Translation;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The whole way of a prompt in one process. */
@Command(
    name = "demo",
    description = {
      "Starts a Kafka and a node in this process, sends one prompt and streams its tokens from",
      "the tokens topic. With --http-port it shows the live page and stays up until Ctrl-C."
    },
    mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {

  /** For what a token takes in each mode, where that is not known when the prompt is. */
  private static final Duration MEASURING = Duration.ofMillis(500);

  private static final int MOST_NODES = 64;

  @Mixin private EngineSettings settings;
  @Mixin private GenerationOptions generation;
  @Mixin private HttpOptions http;

  @Option(
      names = "--nodes",
      paramLabel = "N",
      description =
          "How many nodes to start; they share the model and the threads (default:"
              + " ${DEFAULT-VALUE}).")
  private int nodes = 1;

  @Option(
      names = "--json",
      description =
          "Print one object: text, tokens, logprobs, ttft_ms, tokens_per_second, density,"
              + " predicted_density, recall, layer_density, finish_reason.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    // What the node logs as it works would stand in the middle of the answer.
    System.setProperty("org.slf4j.simpleLogger.log.io.rivulet", "warn");
    if (nodes < 1 || nodes > MOST_NODES) {
      throw new IllegalArgumentException(
          "--nodes must be from 1 to " + MOST_NODES + ", was " + nodes);
    }
    return Termination.during(this::demo);
  }

  private int demo(Termination termination) {
    say(
        "Starting Kafka and "
            + (nodes == 1 ? "a node" : nodes + " nodes")
            + " in this process ...");
    var probes = new NodeProbes();
    try (LoadedModel loaded = settings.open();
        Opened<BatchEngine> engines =
            Opened.several(nodes, i -> settings.start(loaded, nodes), BatchEngine::close);
        EmbeddedBroker broker = EmbeddedBroker.start(EmbeddedBroker.Options.onPort(0))) {
      var kafka = KafkaConnection.to(broker.bootstrapServers());
      say("Kafka is up on " + broker.bootstrapServers());
      var options =
          NodeOptions.of(kafka, EngineSettings.name(loaded))
              .withPartitions(1)
              .withDefaultSparsity(ProfileOption.defaultMode(loaded))
              .withDrainTimeout(Duration.ZERO);
      try (Opened<Node> started =
              Opened.several(
                  nodes, i -> Node.start(named(options, i), engines.all().get(i)), Node::close);
          Opened<WebServer> web = http.start(kafka, options.topics(), probes.probes());
          RivuletClient client = RivuletClient.connect(RivuletClient.Options.of(kafka))) {
        probes.started(started.all());
        started
            .all()
            .forEach(
                node -> say("Node " + node.id() + " is up: " + EngineSettings.describe(loaded)));
        web.all().forEach(server -> say("The live page is at " + server.address()));
        GenerationRequest request =
            generation.request(() -> choose(loaded, engines.all().getFirst()));
        say("");
        var printer = new TokenPrinter(json);
        printer.summarise(printer.answer(client, request));
        say("topics: " + topics(options.topics()));
        if (!web.all().isEmpty()) {
          say("The page stays up until Ctrl-C.");
          termination.await();
        }
      }
    }
    return 0;
  }

  /** Several nodes have numbers in their names. */
  private NodeOptions named(NodeOptions options, int number) {
    return nodes == 1 ? options : options.withNodeId(options.nodeId() + "-" + (number + 1));
  }

  /** By what the engine has measured while Kafka started, mostly. */
  private Sparsity choose(LoadedModel loaded, BatchEngine engine) {
    ModeChoice choice = ModeChoice.of(loaded.transformer().modes(), engine.tokenTimes(MEASURING));
    say("Sparsity: " + Names.of(choice.mode()) + ", " + choice.why());
    return Translation.sparsity(choice.mode());
  }

  private static String topics(Topics topics) {
    return String.join(
        ", ", topics.prompts(), topics.tokens(), topics.telemetry(), topics.deadLetters());
  }

  private void say(String line) {
    if (!json) {
      System.out.println(line);
    }
  }
}
