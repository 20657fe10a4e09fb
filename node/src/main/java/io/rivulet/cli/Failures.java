package io.rivulet.cli;

import io.rivulet.broker.BrokerStartException;
import io.rivulet.http.WebStartException;
import io.rivulet.model.gguf.ModelFileException;
import io.rivulet.protocol.KafkaUnavailableException;
import io.rivulet.protocol.TokenStreamException;
import java.util.concurrent.CancellationException;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** Tells the user in one line what went wrong, and chooses the exit code. */
final class Failures {

  private Failures() {}

  /** Wrong usage: the command line could not be understood. */
  static int usage(ParameterException e, String[] args) {
    String command = e.getCommandLine().getCommandSpec().qualifiedName();
    return report(
        e.getCommandLine(), e.getMessage() + " (see " + command + " --help)", ExitCode.USAGE);
  }

  /** The command started and failed. */
  static int execution(Exception e, CommandLine commandLine, ParseResult parsed) {
    return switch (e) {
      // Both speak of what the user gave: a file, a number, a text.
      case ModelFileException _, IllegalArgumentException _ ->
          report(commandLine, e.getMessage(), ExitCode.USAGE);
      // Interrupted by Ctrl-C or SIGTERM, and closed in good order.
      case CancellationException _, InterruptedException _ -> ExitCode.OK;
      case CommandFailedException _,
          BrokerStartException _,
          KafkaUnavailableException _,
          TokenStreamException _,
          WebStartException _ ->
          report(commandLine, e.getMessage(), ExitCode.SOFTWARE);
      default -> {
        e.printStackTrace(commandLine.getErr());
        yield report(commandLine, "unexpected failure: " + e, ExitCode.SOFTWARE);
      }
    };
  }

  private static int report(CommandLine commandLine, String message, int exitCode) {
    commandLine.getErr().println("rivulet: " + message);
    return exitCode;
  }
}
