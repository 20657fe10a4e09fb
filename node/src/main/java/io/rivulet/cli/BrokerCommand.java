package io.rivulet.cli;

import io.rivulet.broker.EmbeddedBroker;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs the embedded Kafka until it is told to stop. */
@Command(
    name = "broker",
    description = "Runs a single-node Kafka for trying things; its data goes when it stops.",
    mixinStandardHelpOptions = true)
final class BrokerCommand implements Callable<Integer> {

  @Option(
      names = "--port",
      paramLabel = "PORT",
      description =
          "Where it listens, on this machine only (default: ${DEFAULT-VALUE}; 0 for a free one).")
  private int port = 9092;

  @Override
  public Integer call() throws Exception {
    return Termination.during(this::run);
  }

  private int run(Termination termination) {
    try (var broker = EmbeddedBroker.start(EmbeddedBroker.Options.onPort(port))) {
      System.out.println("Kafka is up on " + broker.bootstrapServers() + " (Ctrl-C stops it)");
      termination.await();
    }
    return 0;
  }
}
