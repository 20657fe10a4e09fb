package io.rivulet.cli;

import io.rivulet.kernels.KeyValueType;
import picocli.CommandLine.Option;

/** How keys and values of past tokens are stored. */
final class CacheTypeOption {

  @Option(
      names = "--kv-type",
      paramLabel = "TYPE",
      description =
          "How the key-value cache stores numbers: ${COMPLETION-CANDIDATES} (default:"
              + " ${DEFAULT-VALUE}).")
  private KeyValueType type = KeyValueType.DEFAULT;

  KeyValueType type() {
    return type;
  }
}
