package io.rivulet.cli;

import io.rivulet.broker.EmbeddedBroker;
import io.rivulet.engine.BatchEngine;
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
      "the tokens topic."
    },
    mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {

  /** For what a token takes in each mode, where that is not known when the prompt is. */
  private static final Duration MEASURING = Duration.ofMillis(500);

  @Mixin private EngineSettings settings;
  @Mixin private GenerationOptions generation;

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
    return Termination.during(termination -> demo());
  }

  private int demo() {
    say("Starting Kafka and a node in this process ...");
    try (LoadedModel loaded = settings.open();
        BatchEngine engine = settings.start(loaded);
        EmbeddedBroker broker = EmbeddedBroker.start(EmbeddedBroker.Options.onPort(0))) {
      var kafka = KafkaConnection.to(broker.bootstrapServers());
      say("Kafka is up on " + broker.bootstrapServers());
      var options =
          NodeOptions.of(kafka, EngineSettings.name(loaded))
              .withPartitions(1)
              .withDefaultSparsity(ProfileOption.defaultMode(loaded))
              .withDrainTimeout(Duration.ZERO);
      try (Node node = Node.start(options, engine);
          RivuletClient client = RivuletClient.connect(RivuletClient.Options.of(kafka))) {
        say("Node " + node.id() + " is up: " + EngineSettings.describe(loaded));
        GenerationRequest request = generation.request(() -> choose(loaded, engine));
        say("");
        var printer = new TokenPrinter(json);
        printer.summarise(printer.answer(client, request));
        say("topics: " + topics(options.topics()));
      }
    }
    return 0;
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
