package io.rivulet.cli;

import io.rivulet.engine.BatchEngine;
import io.rivulet.engine.EngineOptions;
import io.rivulet.model.LoadedModel;
import java.nio.file.Path;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The model that a node serves, and how many prompts at a time. */
final class EngineSettings {

  @Mixin private ModelOptions model;
  @Mixin private CacheOptions cache;
  @Mixin private AuditOption audit;

  @Option(
      names = "--batch",
      paramLabel = "N",
      description = "Prompts generated at a time (default: ${DEFAULT-VALUE}).")
  private int batch = EngineOptions.DEFAULT.batchSize();

  LoadedModel open() {
    return model.open();
  }

  BatchEngine start(LoadedModel loaded) {
    return start(loaded, 1);
  }

  /** One of several engines among which the threads are shared out. */
  BatchEngine start(LoadedModel loaded, int engines) {
    return BatchEngine.start(
        loaded,
        cache.in(
            EngineOptions.DEFAULT
                .withThreads(Math.max(1, model.threads() / engines))
                .withBatchSize(batch)
                .withAudits(audit.options())));
  }

  /** The model's name in requests: its file's, without the extension. */
  static String name(LoadedModel loaded) {
    Path file = loaded.path().getFileName();
    return file.toString().replaceFirst("\\.gguf$", "");
  }

  /** The model in a few words. */
  static String describe(LoadedModel loaded) {
    return "%s (%d layers of %d neurons, kernels %s)"
        .formatted(
            name(loaded),
            loaded.spec().layers(),
            loaded.spec().neurons(),
            loaded.transformer().kernels().name());
  }
}
