package io.rivulet.faults;

import picocli.CommandLine;
import picocli.CommandLine.Command;

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
    System.exit(commandLine.setCaseInsensitiveEnumValuesAllowed(true).execute(args));
  }
}
