package io.rivulet.cli;

import io.rivulet.model.ModelFiles;
import io.rivulet.model.ModelOutline;
import io.rivulet.model.gguf.GgufSummary;
import io.rivulet.model.gguf.ModelFile;
import io.rivulet.model.gguf.ModelFileException;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Shows what a model is, what computing with it takes, and what its file holds. */
@Command(
    name = "inspect",
    description = "Shows what a model is, what a token costs, and what is in its file.",
    mixinStandardHelpOptions = true)
final class InspectCommand implements Callable<Integer> {

  @Mixin private ModelFileOption model;

  @Option(names = "--json", description = "Print one object: model, problem, file.")
  private boolean json;

  /**
   * What is printed.
   *
   * @param model empty where this version cannot compute with it
   * @param problem why it cannot
   */
  private record Inspection(
      Optional<ModelOutline> model, Optional<String> problem, GgufSummary file) {

    static Inspection of(ModelFile opened, GgufSummary summary) {
      try {
        return new Inspection(Optional.of(ModelOutline.of(opened)), Optional.empty(), summary);
      } catch (ModelFileException e) {
        return new Inspection(Optional.empty(), Optional.of(e.getMessage()), summary);
      }
    }
  }

  @Override
  public Integer call() {
    Inspection inspection;
    try (ModelFile file = ModelFiles.open(model.file())) {
      inspection = Inspection.of(file, GgufSummary.of(file));
    }
    if (json) {
      Json.print(inspection);
      return 0;
    }
    System.out.println("model");
    inspection.problem().ifPresent(problem -> System.out.println("  cannot be run: " + problem));
    inspection.model().ifPresent(outline -> outline.lines().forEach(System.out::println));
    inspection.file().lines().forEach(System.out::println);
    return 0;
  }
}
