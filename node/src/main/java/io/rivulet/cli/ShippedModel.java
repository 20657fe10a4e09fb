package io.rivulet.cli;

import java.nio.file.Path;

/** The model that comes with Rivulet. */
final class ShippedModel {

  private ShippedModel() {}

  /**
   * Its file, below the folder that the launcher names.
   *
   * @throws IllegalArgumentException when the launcher did not name one
   */
  static Path file() {
    String home = System.getProperty("rivulet.home");
    if (home == null) {
      throw new IllegalArgumentException(
          "no model was given and the shipped one is not known without the launcher: give --model"
              + " FILE");
    }
    return Path.of(home, "model", "rivulet-tiny.gguf");
  }
}
