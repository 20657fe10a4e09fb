package io.rivulet.cli;

import java.io.Console;
import java.util.Optional;

/** The person at the other end, if there is one. */
final class Terminal {

  private Terminal() {}

  /** The console, where standard input and output are a terminal. */
  // Without a terminal there is no console again since JDK 25, whatever was so in JDK 22.
  @SuppressWarnings("SystemConsoleNull")
  static Optional<Console> console() {
    return Optional.ofNullable(System.console()).filter(Console::isTerminal);
  }
}
