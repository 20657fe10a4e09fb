package io.rivulet.cli;

import io.rivulet.kernels.Kernels;
import io.rivulet.model.LoadedModel;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which model to compute with, and with how many threads. */
final class ModelOptions {

  @Mixin private ModelFileOption model;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads that compute (default: ${DEFAULT-VALUE}, the number of cores).")
  private int threads = Runtime.getRuntime().availableProcessors();

  int threads() {
    return threads;
  }

  /** Opens the model; the caller closes it. */
  LoadedModel open() {
    return LoadedModel.open(model.file(), Kernels.select());
  }
}
