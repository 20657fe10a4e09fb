package io.rivulet.faults;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/** The commands that try a deployment rather than being a part of it. */
@Command(
    name = "rivulet",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {FaultsCommand.class, LoadCommand.class})
public final class Main {

  private Main() {}

  /** Runs a command; exits 0 when all is well, 2 for wrong usage, 1 for whatever was found. */
  public static void main(String[] args) {
    var commandLine = new CommandLine(new Main()).setUsageHelpWidth(100);
    commandLine
        .getSubcommands()
        .values()
        .forEach(command -> command.getCommandSpec().addOption(help()));
    System.exit(
        commandLine
            .setCaseInsensitiveEnumValuesAllowed(true)
            .setParameterExceptionHandler(Main::usage)
            .execute(args));
  }

  private static OptionSpec help() {
    return OptionSpec.builder("-h", "--help")
        .usageHelp(true)
        .description("Show this help message and exit.")
        .build();
  }

  private static int usage(ParameterException e, String[] args) {
    CommandLine command = e.getCommandLine();
    String name = command.getCommandSpec().qualifiedName();
    command.getErr().println("rivulet: " + e.getMessage() + " (see " + name + " --help)");
    return ExitCode.USAGE;
  }
}
