package io.rivulet.engine;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How a generation ended.
 *
 * @param tail text of bytes that waited for the rest of a character which never came, replaced as
 *     UTF-8 decoders do; mostly empty
 * @param promptTokens tokens of the prompt, the beginning-of-sequence token included
 * @param layerDensity for each layer, the mean share of neurons read over the generated tokens
 * @param queued time from submission to the first prefill step
 * @param prefill time from there to the first token
 * @param decode time from the first token to the last
 * @param error what went wrong, present with {@link FinishReason#ERROR} alone
 */
public record GenerationResult(
    FinishReason finishReason,
    String tail,
    int promptTokens,
    int generatedTokens,
    List<Double> layerDensity,
    Duration queued,
    Duration prefill,
    Duration decode,
    Optional<String> error) {

  /** The mean of {@link #layerDensity()}; 1 where nothing was generated. */
  public double density() {
    return layerDensity.stream().mapToDouble(Double::doubleValue).average().orElse(1);
  }
}
