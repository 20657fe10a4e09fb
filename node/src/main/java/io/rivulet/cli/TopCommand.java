package io.rivulet.cli;

import io.rivulet.fleet.Fleet;
import io.rivulet.fleet.FleetNode;
import io.rivulet.protocol.TelemetryReader;
import io.rivulet.top.LiveTop;
import io.rivulet.top.TopScreen;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jline.utils.AttributedString;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows the nodes behind a Kafka by what they report. */
@Command(
    name = "top",
    description = {
      "Shows the nodes that report to the telemetry topic: what each does, and how sparsely.",
      "In a terminal it stays until q is pressed, up and down select a node; else it prints what is"
          + " there once."
    },
    mixinStandardHelpOptions = true)
final class TopCommand implements Callable<Integer> {

  /** What nodes said before counts as well, if it is not older. */
  private static final Duration PAST = Duration.ofSeconds(30);

  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration PERIOD = Duration.ofSeconds(1);

  /** Whoever reads what is printed has room. */
  private static final int WIDTH = 200;

  @Mixin private KafkaOptions kafka;

  @Option(names = "--once", description = "Print what is there once, as plain text.")
  private boolean once;

  @Option(
      names = "--json",
      description =
          "Print one object a line for each node, once a second: time, node, model, sparsity, gone,"
              + " silent_ms, tokens_per_second, prefill_tokens_per_second, running, capacity,"
              + " waiting, longest_wait_ms, kv_share, ttft_p50_ms, ttft_p95_ms, density, recall,"
              + " recall_floor, cett, cett_ceiling, bytes_read, bytes_skipped, layer_density,"
              + " fallen_back.")
  private boolean json;

  private final Fleet fleet = new Fleet();

  @Override
  public Integer call() throws Exception {
    return Termination.during(termination -> top());
  }

  private int top() throws IOException {
    try (var reader = TelemetryReader.open(kafka.connection(), kafka.topics(), PAST)) {
      if (json) {
        printObjects(reader);
      } else if (once || Terminal.console().isEmpty()) {
        catchUp(reader);
        TopScreen.lines(nodes(), Optional.empty(), WIDTH).stream()
            .map(AttributedString::toString)
            .map(String::stripTrailing)
            .forEach(System.out::println);
      } else {
        try (var live = LiveTop.open()) {
          live.run(fleet, () -> read(reader, LiveTop.PATIENCE));
        }
      }
    }
    return 0;
  }

  private void printObjects(TelemetryReader reader) {
    catchUp(reader);
    nodes().forEach(node -> Json.print(NodeView.of(node)));
    while (!once) {
      long end = System.nanoTime() + PERIOD.toNanos();
      while (System.nanoTime() - end < 0) {
        read(reader, POLL);
      }
      nodes().forEach(node -> Json.print(NodeView.of(node)));
    }
  }

  private void catchUp(TelemetryReader reader) {
    do {
      read(reader, POLL);
    } while (!reader.caughtUp());
  }

  private void read(TelemetryReader reader, Duration patience) {
    reader.poll(patience).forEach(each -> fleet.accept(each.event(), each.at()));
  }

  private List<FleetNode> nodes() {
    return fleet.nodes(Instant.now());
  }
}
