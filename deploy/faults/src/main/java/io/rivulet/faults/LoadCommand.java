package io.rivulet.faults;

import io.rivulet.protocol.KafkaConnection;
import io.rivulet.protocol.Topics;
import io.rivulet.stream.IntakeKind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Measures what Kafka costs a node that is busy. */
@Command(
    name = "load",
    description = {
      "Runs a broker and a node on this machine, keeps a number of answers under way at once, and"
          + " measures how long tokens take from being generated to being seen by a consumer, and"
          + " which share of the node's processor time goes into Kafka and all else that is not"
          + " generating.",
      "Linux only. Let nothing else run meanwhile."
    })
final class LoadCommand implements Callable<Integer> {

  private static final Topics TOPICS = new Topics("load.");
  private static final Duration WARM_UP = Duration.ofSeconds(30);

  @Spec private CommandSpec spec;

  @Option(
      names = "--streams",
      paramLabel = "N",
      description = "Answers under way at once (default: ${DEFAULT-VALUE}).")
  private int streams = 16;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      description = "How long to measure, after 30 s that warm up (default: ${DEFAULT-VALUE}).")
  private int seconds = 20;

  @Option(names = "--intake", paramLabel = "KIND", description = "share or group (default: share).")
  private IntakeKind intake = IntakeKind.SHARE;

  @Override
  public Integer call() throws Exception {
    if (streams < 1 || streams > 256 || seconds < 1 || intake == IntakeKind.AUTO) {
      throw new ParameterException(
          spec.commandLine(),
          "--streams must be from 1 to 256, --seconds at least 1, --intake share or group");
    }
    String home = System.getProperty("rivulet.home");
    if (home == null || !Files.isDirectory(Path.of("/proc/self/task"))) {
      throw new ParameterException(
          spec.commandLine(),
          "start this with deploy/rivulet, and on Linux, which tells of threads");
    }
    Path folder = Files.createTempDirectory("rivulet-load-");
    try (Broker broker = Broker.start(folder, 0)) {
      measure(broker, Path.of(home, "rivulet").toString(), folder);
    }
    Folders.delete(folder);
    return 0;
  }

  private void measure(Broker broker, String launcher, Path folder) throws Exception {
    String kind = intake.name().toLowerCase(Locale.ROOT);
    Child node =
        Child.start(
            Stream.concat(
                    Node.command(launcher, broker.direct(), TOPICS.prefix(), kind, "node").stream(),
                    Stream.of("--batch", String.valueOf(streams)))
                .toList(),
            Map.of(),
            folder.resolve("node.log"));
    while (!node.said("Node ")) {
      if (!node.alive()) {
        throw new IllegalStateException("the node did not start, see " + folder);
      }
      Thread.sleep(100);
    }
    try (var readers = new Streams(KafkaConnection.to(broker.direct()), TOPICS, streams)) {
      readers.follow(WARM_UP);
      readers.forget();
      ThreadTimes before = ThreadTimes.of(node.pid());
      readers.follow(Duration.ofSeconds(seconds));
      ThreadTimes spent = ThreadTimes.of(node.pid()).minus(before);
      System.out.printf(
          "%d streams, intake %s: %.0f tokens/s; generated to seen p50 %.1f ms, p99 %.1f ms; node"
              + " %.2f cores: generating %.1f %%, JVM %.1f %%, Kafka and the rest %.1f %%%n",
          streams,
          kind,
          readers.count() / (double) seconds,
          readers.milliseconds(0.5),
          readers.milliseconds(0.99),
          spent.total() / seconds,
          100 * spent.computing() / spent.total(),
          100 * spent.machine() / spent.total(),
          100 * spent.rest() / spent.total());
    } finally {
      node.kill();
    }
  }
}
