package io.rivulet.cli;

import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Which model file to read. */
final class ModelFileOption {

  @Option(
      names = "--model",
      paramLabel = "FILE",
      description =
          "A GGUF model file, or a Hugging Face directory. Default: the model that ships with"
              + " Rivulet.")
  private Optional<Path> model = Optional.empty();

  boolean named() {
    return model.isPresent();
  }

  Path file() {
    return model.orElseGet(ShippedModel::file);
  }
}
