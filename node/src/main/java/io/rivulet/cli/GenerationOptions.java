package io.rivulet.cli;

import io.rivulet.engine.GenerationTask;
import io.rivulet.engine.SamplingParameters;
import io.rivulet.engine.SparsityMode;
import io.rivulet.protocol.GenerationRequest;
import io.rivulet.protocol.Sparsity;
import java.util.Optional;
import picocli.CommandLine.Option;

/** What to generate, and how; the same options mean the same text with and without Kafka. */
final class GenerationOptions {

  @Option(names = "--prompt", paramLabel = "TEXT", description = "The text to continue.")
  private Optional<String> prompt = Optional.empty();

  @Option(
      names = "--max-tokens",
      paramLabel = "N",
      description = "Tokens to generate at most (default: ${DEFAULT-VALUE}).")
  private int maxTokens = 120;

  @Option(
      names = "--temperature",
      paramLabel = "T",
      description =
          "0 takes the most likely token, higher is more daring (default: ${DEFAULT-VALUE}).")
  private double temperature = GenerationRequest.DEFAULT_TEMPERATURE;

  @Option(
      names = "--top-k",
      paramLabel = "K",
      description = "Choose among the K most likely tokens; 0 for all (default: ${DEFAULT-VALUE}).")
  private int topK = GenerationRequest.DEFAULT_TOP_K;

  @Option(
      names = "--top-p",
      paramLabel = "P",
      description =
          "Choose among the likeliest tokens that add up to P (default: ${DEFAULT-VALUE}).")
  private double topP = GenerationRequest.DEFAULT_TOP_P;

  @Option(
      names = "--min-p",
      paramLabel = "P",
      description =
          "Choose among tokens at least P times as likely as the likeliest (default:"
              + " ${DEFAULT-VALUE}).")
  private double minP = GenerationRequest.DEFAULT_MIN_P;

  @Option(
      names = "--seed",
      paramLabel = "S",
      description = "The same seed gives the same text (default: ${DEFAULT-VALUE}).")
  private long seed = 1;

  @Option(
      names = "--sparsity",
      paramLabel = "MODE",
      description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private SparsityMode sparsity = SparsityMode.EXACT;

  Optional<String> prompt() {
    return prompt;
  }

  /** For the engine in this process. */
  GenerationTask task(String text) {
    var sampling = new SamplingParameters(temperature, topK, topP, minP, seed);
    return new GenerationTask(text, maxTokens, sampling, sparsity);
  }

  /** For a node. */
  GenerationRequest request(Optional<String> id, String text) {
    var request =
        GenerationRequest.of(text)
            .maxTokens(maxTokens)
            .temperature(temperature)
            .topK(topK)
            .topP(topP)
            .minP(minP)
            .seed(seed)
            .sparsity(
                switch (sparsity) {
                  case OFF -> Sparsity.OFF;
                  case EXACT -> Sparsity.EXACT;
                });
    id.ifPresent(request::id);
    return request.build();
  }
}
