package io.rivulet.cli;

import io.rivulet.model.ModelFiles;
import io.rivulet.model.ModelOutline;
import io.rivulet.model.gguf.GgufSummary;
import io.rivulet.model.gguf.ModelFile;
import io.rivulet.model.gguf.ModelFileException;
import io.rivulet.model.profile.SparsityProfileFile;
import io.rivulet.model.profile.SparsityProfileSummary;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Shows what a model is, what computing with it takes, and what its file holds; or what is in a
 * sparsity profile.
 */
@Command(
    name = "inspect",
    description = {
      "Shows what a model is, what a token costs, and what is in its file.",
      "Given a sparsity profile instead, shows what is in that."
    },
    mixinStandardHelpOptions = true)
final class InspectCommand implements Callable<Integer> {

  @Mixin private ModelFileOption model;

  @Option(names = "--json", description = "Print one object: model, problem, file; or profile.")
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
    if (SparsityProfileFile.recognises(model.file())) {
      showProfile(model.file());
    } else {
      showModel();
    }
    return 0;
  }

  private void showProfile(Path file) {
    SparsityProfileSummary profile;
    try (Arena arena = Arena.ofConfined()) {
      profile = SparsityProfileSummary.of(SparsityProfileFile.read(file, arena));
    }
    if (json) {
      Json.print(Map.of("profile", profile));
    } else {
      profile.lines().forEach(System.out::println);
    }
  }

  private void showModel() {
    Inspection inspection;
    try (ModelFile file = ModelFiles.open(model.file())) {
      inspection = Inspection.of(file, GgufSummary.of(file));
    }
    if (json) {
      Json.print(inspection);
      return;
    }
    System.out.println("model");
    inspection.problem().ifPresent(problem -> System.out.println("  cannot be run: " + problem));
    inspection.model().ifPresent(outline -> outline.lines().forEach(System.out::println));
    inspection.file().lines().forEach(System.out::println);
  }
}
