package io.rivulet.cli;

import io.rivulet.kernels.Kernels;
import io.rivulet.model.LoadedModel;
import io.rivulet.model.WeightMemory;
import java.nio.file.Path;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which model to compute with, and with how many threads. */
final class ModelOptions {

  @Mixin private ModelFileOption model;
  @Mixin private ProfileOption option;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads that compute (default: ${DEFAULT-VALUE}, the number of cores).")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Option(
      names = "--weights",
      paramLabel = "WHERE",
      description = {
        "Where weights lie, ${COMPLETION-CANDIDATES}: packed in memory; mapped, those of FFNs in a",
        "file beside the model that the system reads as it needs, rows of predicted neurons ahead"
            + " of",
        "it; the same without reading ahead; by default packed where they fit, otherwise mapped."
      })
  private WeightMemory weights = WeightMemory.AUTO;

  int threads() {
    return threads;
  }

  /** Opens the model; the caller closes it. */
  LoadedModel open() {
    return open(model.file());
  }

  /** Opens another model with the same options; the caller closes it. */
  LoadedModel open(Path file) {
    return option
        .file(file)
        .map(profile -> LoadedModel.open(file, profile, Kernels.select(), weights))
        .orElseGet(() -> LoadedModel.open(file, Kernels.select(), weights));
  }

  /** Whether a model was named. */
  boolean named() {
    return model.named();
  }
}
