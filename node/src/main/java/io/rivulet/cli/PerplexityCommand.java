package io.rivulet.cli;

import io.rivulet.engine.Perplexity;
import io.rivulet.model.LoadedModel;
import io.rivulet.model.SparsityMode;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Measures how well a model predicts a text. */
@Command(
    name = "perplexity",
    description = {
      "Measures how well a model predicts a text.",
      "The text's tokens are cut into windows; the second half of each window is scored, as"
          + " llama.cpp's llama-perplexity does. With --stride the window slides instead, and every"
          + " token is scored once."
    },
    mixinStandardHelpOptions = true)
final class PerplexityCommand implements Callable<Integer> {

  @Mixin private ModelOptions model;
  @Mixin private CacheTypeOption cacheType;

  @Option(
      names = "--text",
      paramLabel = "FILE",
      required = true,
      description = "The text, in UTF-8.")
  private Path text;

  @Option(
      names = "--context",
      paramLabel = "N",
      description = "Tokens of a window (default: ${DEFAULT-VALUE}).")
  private int context = 512;

  @Option(
      names = "--stride",
      paramLabel = "N",
      description =
          "Slide the window by N tokens, fewer than the window has, and score what is new in it.")
  private Optional<Integer> stride = Optional.empty();

  @Option(
      names = "--sparsity",
      paramLabel = "MODE",
      description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private SparsityMode sparsity = SparsityMode.EXACT;

  @Option(names = "--json", description = "Print one object: perplexity, tokens, layer_density.")
  private boolean json;

  @Override
  public Integer call() {
    String content = TextFiles.read(text, "--text");
    OptionalInt slide = stride.map(OptionalInt::of).orElseGet(OptionalInt::empty);
    var options =
        new Perplexity.Options(context, slide, sparsity, cacheType.type(), model.threads());
    try (LoadedModel loaded = model.open()) {
      Perplexity.Result result = Perplexity.of(loaded, content, options, this::progress);
      if (json) {
        var members = new LinkedHashMap<String, Object>();
        members.put("perplexity", result.perplexity());
        members.put("tokens", result.tokens());
        members.put("layer_density", result.layerDensity());
        Json.print(members);
      } else {
        System.out.printf(
            Locale.ROOT,
            "perplexity %.3f over %d tokens in %d windows of %d%nneurons read:%n",
            result.perplexity(),
            result.tokens(),
            result.windows(),
            context);
        DensityChart.lines(result.layerDensity()).forEach(System.out::println);
      }
    }
    return 0;
  }

  private void progress(int done, int windows, double perplexity) {
    if (Terminal.console().isPresent() || done == windows) {
      System.err.printf(
          Locale.ROOT,
          "\rwindow %d of %d: perplexity %.3f%s",
          done,
          windows,
          perplexity,
          done == windows ? System.lineSeparator() : "");
    }
  }
}
