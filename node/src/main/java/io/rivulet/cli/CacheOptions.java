package io.rivulet.cli;

import io.rivulet.kernels.KeyValueType;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How much the engine remembers of the texts that it is in the midst of. */
final class CacheOptions {

  @Option(
      names = "--kv-tokens",
      paramLabel = "N",
      description =
          "Tokens of prompts and answers that fit the key-value cache, all running ones together"
              + " (default: by the model and the machine's memory).")
  private int tokens;

  @Mixin private CacheTypeOption type;

  /** As in the engine's options: 0 for the default. */
  int tokens() {
    return tokens;
  }

  KeyValueType type() {
    return type.type();
  }
}
