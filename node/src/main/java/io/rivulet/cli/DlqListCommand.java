package io.rivulet.cli;

import io.rivulet.protocol.DeadLetterQueue;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows the dead letters. */
@Command(
    name = "list",
    description = "Shows the dead letters, the oldest of each partition first.",
    mixinStandardHelpOptions = true)
final class DlqListCommand implements Callable<Integer> {

  @Mixin private KafkaOptions kafka;
  @Mixin private LetterFilter filter;

  @Option(
      names = "--json",
      description =
          "Print one object a line: place, time, id, topic, partition, offset, stage, error,"
              + " reason, size.")
  private boolean json;

  private int count;

  @Override
  public Integer call() throws Exception {
    filter.check();
    return Termination.during(termination -> list());
  }

  private int list() {
    new DeadLetterQueue(kafka.connection(), kafka.topics())
        .forEach(
            letter -> {
              if (filter.passes(letter)) {
                count++;
                show(LetterView.of(letter));
              }
            });
    if (!json) {
      System.out.println(count + " dead letters in " + kafka.topics().deadLetters());
    }
    return 0;
  }

  private void show(LetterView letter) {
    if (json) {
      Json.print(letter);
    } else {
      System.out.println(letter.line());
    }
  }
}
