package io.rivulet.cli;

import io.rivulet.protocol.DeadLetterQueue;
import io.rivulet.protocol.StoredLetter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Sends dead letters to the nodes again. */
@Command(
    name = "replay",
    description = {
      "Sends dead letters to the prompts topic again, as they first came: key, value and headers.",
      "They stay in the dead-letter topic; replaying twice sends twice."
    },
    mixinStandardHelpOptions = true)
final class DlqReplayCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;
  @Mixin private KafkaOptions kafka;
  @Mixin private LetterFilter filter;

  @Option(names = "--all", description = "All of them.")
  private boolean all;

  @Option(names = "--dry-run", description = "Show which ones would be sent, and send nothing.")
  private boolean dryRun;

  private int count;

  @Override
  public Integer call() throws Exception {
    filter.check();
    if (all == !filter.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(),
          "say which dead letters: --id, --offset, --since or --reason; or --all without them");
    }
    return Termination.during(termination -> replay());
  }

  private int replay() {
    var queue = new DeadLetterQueue(kafka.connection(), kafka.topics());
    if (dryRun) {
      queue.forEach(
          letter -> {
            if (filter.passes(letter)) {
              show(letter);
            }
          });
    } else {
      queue.replay(filter::passes, this::show);
    }
    System.out.println(
        count
            + (dryRun ? " dead letters would be sent to " : " dead letters sent to ")
            + kafka.topics().prompts());
    return 0;
  }

  private void show(StoredLetter letter) {
    count++;
    System.out.println(LetterView.of(letter).line());
  }
}
