package io.rivulet.cli;

import io.rivulet.model.LoadedModel;
import io.rivulet.model.SparsityMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Option;

/** Which profile of a model's sparsity to compute with. */
final class ProfileOption {

  private static final String EXTENSION = ".profile.safetensors";

  @Option(
      names = "--profile",
      paramLabel = "FILE",
      description =
          "A profile of the model's sparsity that calibrate wrote. Default: the file beside the"
              + " model whose name ends in .profile.safetensors in place of .gguf, if there is"
              + " one.")
  private Optional<Path> profile = Optional.empty();

  /** The file for a model, if there is one. */
  Optional<Path> file(Path model) {
    return profile.or(() -> Optional.of(beside(model)).filter(Files::exists));
  }

  /** Where a model's profile is looked for. */
  static Path beside(Path model) {
    String name = String.valueOf(model.getFileName());
    return model.resolveSibling(name.replaceFirst("\\.gguf$", "") + EXTENSION);
  }

  /** What to compute in where nobody says. */
  static SparsityMode defaultMode(LoadedModel loaded) {
    Set<SparsityMode> modes = loaded.transformer().modes();
    if (modes.contains(SparsityMode.PREDICTED)) {
      return SparsityMode.PREDICTED;
    }
    return modes.contains(SparsityMode.THRESHOLD) ? SparsityMode.THRESHOLD : SparsityMode.EXACT;
  }
}
