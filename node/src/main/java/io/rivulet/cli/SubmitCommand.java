package io.rivulet.cli;

import io.rivulet.protocol.RivuletClient;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Sends a prompt to the nodes behind a Kafka and shows their answer. */
@Command(
    name = "submit",
    description =
        "Sends a prompt to the prompts topic and streams its tokens from the tokens topic.",
    mixinStandardHelpOptions = true)
final class SubmitCommand implements Callable<Integer> {

  @Mixin private KafkaOptions kafka;
  @Mixin private GenerationOptions generation;

  @Option(
      names = "--id",
      paramLabel = "ID",
      description = "The request's id. Default: a random one.")
  private Optional<String> id = Optional.empty();

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      description = "How long to wait for the next token (default: ${DEFAULT-VALUE}).")
  private int timeoutSeconds = 60;

  @Option(
      names = "--json",
      description =
          "Print one object: text, tokens, logprobs, ttft_ms, tokens_per_second, density,"
              + " predicted_density, recall, layer_density, finish_reason.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    return Termination.during(termination -> submit());
  }

  private int submit() {
    var options =
        new RivuletClient.Options(
            kafka.connection(), kafka.topics(), Duration.ofSeconds(timeoutSeconds));
    try (var client = RivuletClient.connect(options)) {
      var printer = new TokenPrinter(json);
      printer.summarise(printer.answer(client, generation.request(id)));
    }
    return 0;
  }
}
