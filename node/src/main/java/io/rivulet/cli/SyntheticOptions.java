package io.rivulet.cli;

import io.rivulet.kernels.WeightType;
import io.rivulet.model.LoadedModel;
import io.rivulet.model.SyntheticModel;
import java.io.IOException;
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
      description = "Leave it there as a GGUF file, for other programs to be measured with.")
  private Optional<Path> target = Optional.empty();

  /** Makes the model that was asked for, or opens the one of the other options. */
  LoadedModel open(ModelOptions model) throws IOException {
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
      write(target.get());
      return model.open(target.get());
    }
    Path file = Files.createTempFile("rivulet-synthetic-", ".gguf");
    try {
      write(file);
      return model.open(file);
    } finally {
      Files.delete(file);
    }
  }

  private void write(Path file) throws IOException {
    double share = density.orElse(SyntheticModel.RANDOM_DENSITY);
    shape.get().requireDensity(share);
    System.err.println("writing " + shape.get() + " to " + file + " ...");
    shape.get().write(file, type, share);
  }

  private ParameterException wrongUsage(String problem) {
    return new ParameterException(spec.commandLine(), problem);
  }
}
