package io.rivulet.faults;

import io.rivulet.stream.IntakeKind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Runs a deployment under faults, then verifies what was published. */
@Command(
    name = "faults",
    description = {
      "Runs a broker and nodes on this machine, sends them prompts, and kills, freezes, drains and"
          + " cuts them off, as drawn from the seed. Then reads all topics from their beginning and"
          + " compares every answer with an undisturbed one.",
      "Prints one line; exits 0 only if nothing was lost, repeated, torn, wrong or said by who had"
          + " lost the prompt. In a share group the same may be said again: repeated is what comes"
          + " before the end of an answer, late what another attempt had sent and comes after it."
    })
final class FaultsCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Option(
      names = "--seed",
      paramLabel = "S",
      description = "Draws faults and prompts (default: ${DEFAULT-VALUE}).")
  private long seed = 1;

  @Option(
      names = "--minutes",
      paramLabel = "M",
      description = "How long faults go on, fractions too (default: ${DEFAULT-VALUE}).")
  private double minutes = 3;

  @Option(names = "--intake", paramLabel = "KIND", description = "share or group (default: share).")
  private IntakeKind intake = IntakeKind.SHARE;

  @Option(
      names = "--nodes",
      paramLabel = "N",
      description = "How many nodes (default: ${DEFAULT-VALUE}).")
  private int nodes = 2;

  @Option(
      names = "--in-flight",
      paramLabel = "N",
      description =
          "How many prompts are unanswered at a time, bursts aside (default: ${DEFAULT-VALUE}).")
  private int inFlight = 12;

  @Override
  public Integer call() throws Exception {
    if (!(minutes > 0 && minutes <= 24 * 60)) {
      throw wrong("--minutes must be over 0 and at most 1440, was " + minutes);
    }
    if (nodes < 1 || nodes > 16) {
      throw wrong("--nodes must be from 1 to 16, was " + nodes);
    }
    if (inFlight < 1 || inFlight > 1000) {
      throw wrong("--in-flight must be from 1 to 1000, was " + inFlight);
    }
    if (intake == IntakeKind.AUTO) {
      throw wrong("--intake must be share or group");
    }
    String home = System.getProperty("rivulet.home");
    if (home == null) {
      throw wrong("start this with deploy/rivulet, which says where the nodes' command is");
    }
    var length = Duration.ofMillis(Math.round(minutes * 60_000));
    var options = new FaultRun.Options(seed, length, intake, nodes, inFlight, Path.of(home));
    return FaultRun.of(options) ? 0 : 1;
  }

  private ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
