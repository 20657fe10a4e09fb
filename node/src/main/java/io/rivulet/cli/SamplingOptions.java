package io.rivulet.cli;

import io.rivulet.protocol.GenerationRequestBuilder;
import io.rivulet.protocol.Sampling;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Option;

/** How tokens are drawn. */
final class SamplingOptions {

  @Option(
      names = "--temperature",
      paramLabel = "T",
      description =
          "0 takes the most likely token, higher is more daring (default: ${DEFAULT-VALUE}).")
  private double temperature = Sampling.DEFAULT_TEMPERATURE;

  @Option(
      names = "--top-k",
      paramLabel = "K",
      description = "Choose among the K most likely tokens; 0 for all (default: ${DEFAULT-VALUE}).")
  private int topK = Sampling.DEFAULT_TOP_K;

  @Option(
      names = "--top-p",
      paramLabel = "P",
      description =
          "Choose among the likeliest tokens that add up to P (default: ${DEFAULT-VALUE}).")
  private double topP = Sampling.DEFAULT_TOP_P;

  @Option(
      names = "--min-p",
      paramLabel = "P",
      description =
          "Choose among tokens at least P times as likely as the likeliest (default:"
              + " ${DEFAULT-VALUE}).")
  private double minP = Sampling.DEFAULT_MIN_P;

  @Option(
      names = "--repetition-penalty",
      paramLabel = "R",
      description =
          "Over 1 makes tokens of prompt and answer less likely (default: ${DEFAULT-VALUE}).")
  private double repetitionPenalty = 1;

  @Option(
      names = "--frequency-penalty",
      paramLabel = "F",
      description =
          "Taken from a token's logit for each time the answer has it (default: ${DEFAULT-VALUE}).")
  private double frequencyPenalty;

  @Option(
      names = "--presence-penalty",
      paramLabel = "F",
      description =
          "Taken from the logit of each token that the answer has (default: ${DEFAULT-VALUE}).")
  private double presencePenalty;

  @Option(
      names = "--logit-bias",
      paramLabel = "ID=BIAS",
      description = "Added to a token's logit, -100 to 100. Can be given several times.")
  private Map<Integer, Double> logitBias = new LinkedHashMap<>();

  @Option(
      names = "--seed",
      paramLabel = "S",
      description = "The same seed gives the same text (default: ${DEFAULT-VALUE}).")
  private long seed = 1;

  void addTo(GenerationRequestBuilder request) {
    request
        .temperature(temperature)
        .topK(topK)
        .topP(topP)
        .minP(minP)
        .repetitionPenalty(repetitionPenalty)
        .frequencyPenalty(frequencyPenalty)
        .presencePenalty(presencePenalty)
        .logitBias(logitBias)
        .seed(seed);
  }
}
