package io.rivulet.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The {@code rivulet} command: picks the subcommand and turns its outcome into an exit code. */
@Command(
    name = "rivulet",
    description = "A streaming inference node: prompts in from Kafka, tokens out to Kafka.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      DemoCommand.class,
      ServeCommand.class,
      SubmitCommand.class,
      TopCommand.class,
      DlqCommand.class,
      BrokerCommand.class,
      GenerateCommand.class,
      PerplexityCommand.class,
      BenchCommand.class,
      CalibrateCommand.class,
      AnalyzeCommand.class,
      InspectCommand.class,
      ConvertCommand.class
    })
public final class Rivulet implements Callable<Integer> {

  @Spec private CommandSpec spec;

  private Rivulet() {}

  /** Runs a command; exits 0 on success, 2 for wrong usage or input, 1 for failure. */
  public static void main(String[] args) {
    System.exit(run(args));
  }

  /** Runs a command and returns its exit code. */
  public static int run(String... args) {
    var commandLine = new CommandLine(new Rivulet()).setUsageHelpWidth(100);
    commandLine
        .getSubcommands()
        .values()
        .forEach(command -> command.getCommandSpec().usageMessage().sortOptions(false));
    return commandLine
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setParameterExceptionHandler(Failures::usage)
        .setExecutionExceptionHandler(Failures::execution)
        .execute(args);
  }

  @Override
  public Integer call() {
    throw new ParameterException(spec.commandLine(), "name a command");
  }
}
