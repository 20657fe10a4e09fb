package io.rivulet.cli;

import io.rivulet.model.ModelFiles;
import io.rivulet.model.gguf.GgufSummary;
import io.rivulet.model.gguf.ModelFile;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows what a model file holds. */
@Command(
    name = "inspect",
    description = "Shows what is in a model file: metadata, tensors, sizes.",
    mixinStandardHelpOptions = true)
final class InspectCommand implements Callable<Integer> {

  @Mixin private ModelFileOption model;

  @Option(names = "--json", description = "Print one object: metadata, tensors, types.")
  private boolean json;

  @Override
  public Integer call() {
    GgufSummary summary;
    try (ModelFile file = ModelFiles.open(model.file())) {
      summary = GgufSummary.of(file);
    }
    if (json) {
      Json.print(summary);
    } else {
      summary.lines().forEach(System.out::println);
    }
    return 0;
  }
}
