package io.rivulet.cli;

import io.rivulet.kernels.Kernels;
import io.rivulet.kernels.WeightType;
import io.rivulet.model.LoadedModel;
import io.rivulet.model.SparsityMode;
import io.rivulet.model.SyntheticModel;
import io.rivulet.model.SyntheticProfile;
import io.rivulet.model.profile.SparsityProfileFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** A model of random weights in place of a file. */
final class SyntheticOptions {

  private static final double DEFAULT_ACTIVE = 0.1;

  @Spec(Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--synthetic",
      paramLabel = "NAME",
      description =
          "Measure a model of random weights in place of --model: ${COMPLETION-CANDIDATES}.")
  private Optional<SyntheticModel> shape = Optional.empty();

  @Option(
      names = "--type",
      paramLabel = "TYPE",
      description = "What its weights are stored as (default: ${DEFAULT-VALUE}).")
  private WeightType type = WeightType.Q8_0;

  @Option(
      names = "--density",
      paramLabel = "D",
      description = "The share of its neurons that are not zero, where they can be zero.")
  private Optional<Double> density = Optional.empty();

  @Option(
      names = "--write",
      paramLabel = "FILE",
      description =
          "Leave it there as a GGUF file, for other programs to be measured with; with its"
              + " profile beside it where --sparsity needs one.")
  private Optional<Path> target = Optional.empty();

  /** Makes the model that was asked for, or opens the one of the other options. */
  LoadedModel open(ModelOptions model, SparsityMode mode) throws IOException {
    if (shape.isEmpty()) {
      if (density.isPresent() || target.isPresent()) {
        throw wrongUsage("--density and --write need --synthetic");
      }
      return model.open();
    }
    if (model.named()) {
      throw wrongUsage("give --model or --synthetic, not both");
    }
    if (target.isPresent()) {
      write(target.get(), mode);
      return model.open(target.get());
    }
    Path file = Files.createTempFile("rivulet-synthetic-", ".gguf");
    try {
      write(file, mode);
      return model.open(file);
    } finally {
      Files.delete(file);
      Files.deleteIfExists(ProfileOption.beside(file));
    }
  }

  /**
   * A profile beside the model. Twice as many neurons are named as are to be active: of random
   * weights, one in two of them is not zero.
   */
  private void writeProfile(Path file) throws IOException {
    double named = density.orElse(DEFAULT_ACTIVE) / SyntheticModel.RANDOM_DENSITY;
    try (var loaded = LoadedModel.openByNeurons(file, Kernels.select());
        Arena arena = Arena.ofShared()) {
      SparsityProfileFile.write(
          SyntheticProfile.of(loaded, named, arena), ProfileOption.beside(file));
    }
  }

  private void write(Path file, SparsityMode mode) throws IOException {
    double share =
        mode.calibrated()
            ? SyntheticModel.RANDOM_DENSITY
            : density.orElse(SyntheticModel.RANDOM_DENSITY);
    shape.get().requireDensity(share);
    System.err.println("writing " + shape.get() + " to " + file + " ...");
    shape.get().write(file, type, share);
    if (mode.calibrated()) {
      writeProfile(file);
    }
  }

  private ParameterException wrongUsage(String problem) {
    return new ParameterException(spec.commandLine(), problem);
  }
}
