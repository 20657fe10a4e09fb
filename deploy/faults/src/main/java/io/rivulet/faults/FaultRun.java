package io.rivulet.faults;

import io.rivulet.protocol.GenerationRequest;
import io.rivulet.protocol.KafkaConnection;
import io.rivulet.protocol.Topics;
import io.rivulet.stream.IntakeKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;

/** A deployment under faults from its start to the verdict. */
final class FaultRun {

  /**
   * What to run.
   *
   * @param length how long faults go on
   * @param inFlight unanswered prompts at a time
   * @param home the folder of the launcher and the shipped model
   */
  record Options(
      long seed, Duration length, IntakeKind intake, int nodes, int inFlight, Path home) {

    private Path model(String extension) {
      return home.resolve("model").resolve("rivulet-tiny" + extension);
    }
  }

  private static final Topics TOPICS = new Topics("faults.");
  private static final int REPORT_SECONDS = 5;
  private static final int MOST_COMPLAINTS = 20;

  /** Where all goes wrong every few seconds, many attempts in a row come to nothing. */
  private static final int ATTEMPTS = 50;

  /** How long nothing may happen after the last fault before what is open counts as lost. */
  private static final Duration SILENCE = Duration.ofSeconds(90);

  private final Options options;
  private final Path folder;
  private final Complaints complaints = new Complaints();
  private final Ledger ledger = new Ledger();
  private final AtomicBoolean over = new AtomicBoolean();
  private final long started = System.nanoTime();

  private FaultRun(Options options, Path folder) {
    this.options = options;
    this.folder = folder;
  }

  /**
   * Runs and prints; whether everything was as promised. What was found wrong leaves its folder.
   */
  static boolean of(Options options) throws Exception {
    Path folder = Files.createTempDirectory("rivulet-faults-");
    var run = new FaultRun(options, folder);
    Verdict verdict = run.toVerdict();
    run.complaints.all().stream().limit(MOST_COMPLAINTS).forEach(System.err::println);
    boolean passed = verdict.passes(options.intake());
    System.out.println(
        "%s: seed %d, intake %s: %s"
            .formatted(passed ? "passed" : "FAILED", options.seed(), run.intake(), verdict.line()));
    if (passed) {
      Folders.delete(folder);
    } else {
      System.err.println("topics and logs are in " + folder);
    }
    return passed;
  }

  private Verdict toVerdict() throws Exception {
    // One source for each, so that none draws more or less because another was slow.
    var seeds = new Random(options.seed());
    var requests = Catalogue.draw(new Random(seeds.nextLong()));
    say("computing undisturbed answers to " + requests.size() + " requests");
    List<Answer> answers =
        Answer.to(requests, options.model(".gguf"), options.model(".profile.safetensors"));
    say("starting a broker and " + options.nodes() + " nodes, files in " + folder);
    try (Broker broker = Broker.start(folder, options.nodes())) {
      var kafka = KafkaConnection.to(broker.direct());
      var nodes = new ArrayList<Node>();
      try {
        for (int i = 0; i < options.nodes(); i++) {
          Node node = node(i, broker);
          nodes.add(node);
          node.up();
        }
        for (Node node : nodes) {
          awaitReady(node);
        }
        disturb(seeds, broker, nodes, kafka, requests, answers);
        for (Node node : nodes) {
          node.drain();
        }
      } finally {
        over.set(true);
        for (Node node : nodes) {
          node.close();
        }
      }
      say("verifying");
      return Verifier.verify(kafka, TOPICS, ledger.sent(), options.intake(), complaints);
    }
  }

  private void disturb(
      Random seeds,
      Broker broker,
      List<Node> nodes,
      KafkaConnection kafka,
      List<GenerationRequest> requests,
      List<Answer> answers)
      throws InterruptedException, ExecutionException {
    var faults = new ArrayList<Thread>();
    long end = System.nanoTime() + options.length().toNanos();
    var bringing = new Bringing(broker, nodes, complaints, over, end);
    faults.add(bringing.toBroker(Fault.ofBroker(new Random(seeds.nextLong()), options.length())));
    for (int i = 0; i < nodes.size(); i++) {
      faults.add(bringing.toNode(i, Fault.ofNode(new Random(seeds.nextLong()), options.length())));
    }
    try (var watch = new Watch(kafka, TOPICS, ledger);
        var workload =
            new Workload(
                new Random(seeds.nextLong()),
                requests,
                answers,
                kafka,
                TOPICS,
                ledger,
                options.inFlight())) {
      Thread report = Thread.ofVirtual().start(() -> report(watch, bringing));
      Thread operator =
          Thread.ofVirtual()
              .start(new Operator(kafka, Set.of(TOPICS.tokens(), Operator.OFFSETS), this::say));
      workload.run(end);
      for (Thread each : faults) {
        each.join();
      }
      say("no more faults, waiting for what is open");
      awaitEnds(watch);
      over.set(true);
      for (Thread each : List.of(report, operator)) {
        each.interrupt();
        each.join();
      }
    }
  }

  private void awaitReady(Node node) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + SILENCE.toNanos();
    while (!node.ready()) {
      if (System.nanoTime() - deadline > 0) {
        throw new IOException("a node does not come up, its files are in " + folder);
      }
      Thread.sleep(100);
    }
  }

  private void awaitEnds(Watch watch) throws InterruptedException {
    long seen = watch.events();
    long last = System.nanoTime();
    while (ledger.open() > 0 && System.nanoTime() - last < SILENCE.toNanos()) {
      Thread.sleep(200);
      if (watch.events() != seen) {
        seen = watch.events();
        last = System.nanoTime();
      }
    }
  }

  private Node node(int number, Broker broker) {
    String launcher = options.home().resolve("rivulet").toString();
    return new Node(
        "node " + number,
        count -> {
          // The first keeps its name when it is started again, the others are another node then.
          String id = number == 0 ? "n0" : "n" + number + "-" + count;
          return Child.start(
              command(launcher, broker.through(number), id),
              Node.environment(),
              folder.resolve("node-" + number + "-" + count + ".log"));
        },
        complaints);
  }

  private List<String> command(String launcher, String bootstrapServers, String id) {
    var command =
        new ArrayList<>(Node.command(launcher, bootstrapServers, TOPICS.prefix(), intake(), id));
    command.addAll(List.of("--batch", "4", "--slots", "6", "--attempts", String.valueOf(ATTEMPTS)));
    return command;
  }

  private void report(Watch watch, Bringing bringing) {
    try {
      while (!over.get()) {
        Thread.sleep(REPORT_SECONDS * 1000L);
        say(
            "sent %d, open %d, events %d, faults %d%s"
                .formatted(
                    ledger.count(),
                    ledger.open(),
                    watch.events(),
                    bringing.count(),
                    bringing.latest()));
      }
    } catch (InterruptedException e) {
      // All is over.
    }
  }

  private String intake() {
    return options.intake().name().toLowerCase(Locale.ROOT);
  }

  private void say(String what) {
    long seconds = Duration.ofNanos(System.nanoTime() - started).toSeconds();
    System.out.println("%4d s  %s".formatted(seconds, what));
  }
}
