package io.rivulet.cli;

import io.rivulet.engine.Benchmark;
import io.rivulet.model.LoadedModel;
import io.rivulet.model.ReadAheadTally;
import io.rivulet.model.SparsityMode;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Measures speed. */
@Command(
    name = "bench",
    description = {
      "Measures how fast prompts are read and tokens generated.",
      "What the machine reads from memory is measured in the same run; figures are medians."
    },
    mixinStandardHelpOptions = true)
final class BenchCommand implements Callable<Integer> {

  @Mixin private ModelOptions model;
  @Mixin private SyntheticOptions synthetic;
  @Mixin private CacheTypeOption cacheType;
  @Mixin private AuditOption audit;

  @Option(
      names = "--prompt-tokens",
      paramLabel = "N",
      description = "Tokens of a prompt (default: ${DEFAULT-VALUE}).")
  private int promptTokens = Benchmark.Options.DEFAULT.promptTokens();

  @Option(
      names = "--gen-tokens",
      paramLabel = "N",
      description = "Tokens to generate after it (default: ${DEFAULT-VALUE}).")
  private int generateTokens = Benchmark.Options.DEFAULT.generateTokens();

  @Option(
      names = "--batch",
      paramLabel = "N",
      description = "Sequences at a time (default: ${DEFAULT-VALUE}).")
  private int batch = Benchmark.Options.DEFAULT.batch();

  @Option(
      names = "--rounds",
      paramLabel = "N",
      description = "Rounds that count (default: ${DEFAULT-VALUE}).")
  private int rounds = Benchmark.Options.DEFAULT.rounds();

  @Option(
      names = "--warm-up",
      paramLabel = "SECONDS",
      description =
          "How long rounds go before that do not, at least one (default: ${DEFAULT-VALUE}).")
  private int warmUpSeconds = (int) Benchmark.Options.DEFAULT.warmUp().toSeconds();

  @Option(
      names = "--sparsity",
      paramLabel = "MODE",
      description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private SparsityMode sparsity = Benchmark.Options.DEFAULT.sparsity();

  @Option(
      names = "--json",
      description = {
        "Print one object: prompt_tokens_per_second, decode_tokens_per_second, bytes_per_token,",
        "read_bandwidth (bytes a second), layer_density, united_density (the share of neurons"
            + " whose",
        "up rows any sequence of the batch asked for); where weights are mapped and read ahead,",
        "page_hit_rate (the share of named neurons' pages that were in memory) and kept_bytes."
      })
  private boolean json;

  @Override
  public Integer call() throws IOException {
    var options =
        new Benchmark.Options(
            promptTokens,
            generateTokens,
            batch,
            model.threads(),
            sparsity,
            audit.options(),
            cacheType.type(),
            rounds,
            Duration.ofSeconds(warmUpSeconds));
    try (LoadedModel loaded = synthetic.open(model, sparsity)) {
      Benchmark.Result result = Benchmark.run(loaded, options);
      if (json) {
        printJson(result);
      } else {
        print(loaded, result);
      }
    }
    return 0;
  }

  private static void printJson(Benchmark.Result result) {
    var members = new LinkedHashMap<String, Object>();
    members.put("prompt_tokens_per_second", result.promptTokensPerSecond());
    members.put("decode_tokens_per_second", result.decodeTokensPerSecond());
    members.put("bytes_per_token", result.bytesPerToken());
    members.put("read_bandwidth", result.readBandwidth());
    members.put("layer_density", result.layerDensity());
    members.put("united_density", result.unitedDensity());
    result
        .readAhead()
        .ifPresent(
            tally -> {
              members.put("page_hit_rate", tally.hitRate());
              members.put("kept_bytes", tally.kept());
            });
    Json.print(members);
  }

  private void printReadAhead(ReadAheadTally tally) {
    System.out.printf(
        Locale.ROOT,
        "disk    %.1f %% of the pages of named neurons were in memory (%.1f of %.1f MB a step),"
            + " %.1f MB are kept there%n",
        100 * tally.hitRate(),
        tally.there() / 1e6 / generateTokens,
        tally.asked() / 1e6 / generateTokens,
        tally.kept() / 1e6);
  }

  private void print(LoadedModel loaded, Benchmark.Result result) {
    System.out.printf(
        Locale.ROOT,
        """
        model   %s (%.1f MB), kernels %s, %d threads, batch %d, sparsity %s
        prompt  %.1f tokens/s (%d tokens)
        decode  %.1f tokens/s (%d tokens)
        reads   %.2f MB of weights a token, %.2f GB/s; the machine reads %.1f GB/s from memory
        asks    for %.1f %% of neurons, all sequences together
        """,
        loaded.path().getFileName(),
        loaded.fileBytes() / 1e6,
        loaded.transformer().kernels().name(),
        model.threads(),
        batch,
        Names.of(sparsity),
        result.promptTokensPerSecond(),
        promptTokens,
        result.decodeTokensPerSecond(),
        generateTokens,
        result.bytesPerToken() / 1e6,
        result.bytesPerToken() * result.decodeTokensPerSecond() / 1e9,
        result.readBandwidth() / 1e9,
        100 * result.unitedDensity());
    result.readAhead().ifPresent(this::printReadAhead);
    System.out.println("neurons read:");
    DensityChart.lines(result.layerDensity()).forEach(System.out::println);
  }
}
