package io.rivulet.cli;

import java.util.Optional;

/** Where a prompt comes from: the command line, the terminal, or a good default. */
final class Prompts {

  private static final String DEFAULT = "The old man looked out over the sea, and";

  private Prompts() {}

  /**
   * The prompt given, else what the user types, else (on Enter, or without a terminal) a default.
   */
  static String choose(Optional<String> given) {
    return given
        .or(
            () ->
                Terminal.console()
                    .flatMap(
                        console -> Optional.ofNullable(console.readLine("Prompt [%s]: ", DEFAULT)))
                    .filter(typed -> !typed.isBlank()))
        .orElse(DEFAULT);
  }
}
